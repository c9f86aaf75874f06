package org.pagedattention.cudnn.graph;

import org.pagedattention.cudnn.library.CudnnException;

/**
 * Everything that the descriptors of a graph hold, and so the key of its plan: equal keys build the same graph, and their
 * texts are equal, also in other processes. What launches differ in, addresses and the contents of tensors, is no part of
 * it.
 */
public interface GraphKey {

    /** What it computes, for people; shapes only where they tell more than one. */
    String kind();

    /**
     * Builds and compiles the graph.
     *
     * @throws CudnnException when cuDNN has no kernel for it
     */
    ExecutionPlan build(Workbench bench);
}
