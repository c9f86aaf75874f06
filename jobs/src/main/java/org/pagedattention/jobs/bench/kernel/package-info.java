/**
 * The job bench kernel: launches of the cudnn backend timed on the device, beside dense ones and a plain copy. For the main
 * thread. A machine on which cuDNN cannot work throws {@code IllegalStateException} with the reason.
 */
@NullMarked
package org.pagedattention.jobs.bench.kernel;

import org.jspecify.annotations.NullMarked;
