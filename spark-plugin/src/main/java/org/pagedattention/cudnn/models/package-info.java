/**
 * Whole models on a GPU: a pass is written down operation by operation, as graphs with plans and places in one block of
 * memory, and sent to the device at once. What attends is given from outside. The backend is for any thread, a pass for
 * one at a time. What cuDNN cannot compute is an {@link java.lang.IllegalArgumentException} that says what to change; too
 * little memory is a {@link org.pagedattention.device.DeviceMemoryException}.
 */
@NullMarked
package org.pagedattention.cudnn.models;

import org.jspecify.annotations.NullMarked;
