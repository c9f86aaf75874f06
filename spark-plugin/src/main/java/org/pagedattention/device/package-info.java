/**
 * What a device can say of itself and of its failures, in terms that need no CUDA: facts, limits, out of memory,
 * lost. Failures of a device are thrown as these types by every backend; {@code DeviceMemoryException} may be
 * retried with less, {@code FatalDeviceException} ends the process that holds the device.
 */
@NullMarked
package org.pagedattention.device;

import org.jspecify.annotations.NullMarked;
