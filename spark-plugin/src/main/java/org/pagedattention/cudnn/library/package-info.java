/**
 * cuDNN as a library: where it is found, which versions will do, what its statuses mean, and its handles. Knows nothing
 * of graphs, nor of what they compute. Loading happens once a process, on whichever thread asks first; a handle serves
 * one thread at a time. A call that fails throws {@link org.pagedattention.cudnn.library.CudnnException}, one that lacks
 * memory {@link org.pagedattention.gpu.GpuOutOfMemoryException}, and one that finds the context broken
 * {@link org.pagedattention.gpu.GpuFatalException}.
 */
@NullMarked
package org.pagedattention.cudnn.library;

import org.jspecify.annotations.NullMarked;
