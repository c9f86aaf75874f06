package org.pagedattention.cudnn.graph;

import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.cudnn.library.CudnnHandle;

/**
 * Everything that the descriptors of a graph hold, and so the key of its plan: equal keys build the same graph. What
 * launches differ in, addresses and the contents of tensors, is no part of it.
 */
public interface GraphKey {

    /**
     * Builds and compiles the graph.
     *
     * @param handle of the device that the plan is for
     * @throws CudnnException when cuDNN has no kernel for it
     */
    ExecutionPlan build(CudnnHandle handle, Scratch scratch);
}
