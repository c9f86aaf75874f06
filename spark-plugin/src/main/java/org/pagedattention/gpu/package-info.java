/**
 * The GPU as a resource: which device a thread uses, memory of both sides, streams and events, and which errors can be
 * retried. Knows nothing of attention. With {@code cudnn} the only package that touches CUDA.
 */
@NullMarked
package org.pagedattention.gpu;

import org.jspecify.annotations.NullMarked;
