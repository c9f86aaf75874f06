/**
 * Operation graphs over the backend API of cuDNN, whatever they compute: descriptors, tensors of any rank, the search for
 * a plan, and the plans of a device. A graph is built in one thread; its plan may be launched by several at once, each
 * with a handle and a scratch of its own. Where cuDNN has no kernel for a graph, a
 * {@link org.pagedattention.cudnn.library.CudnnException} says so that is
 * {@link org.pagedattention.cudnn.library.CudnnException#notSupported}.
 */
@NullMarked
package org.pagedattention.cudnn.graph;

import org.jspecify.annotations.NullMarked;
