package org.pagedattention.cudnn.graph;

import java.util.Map;
import org.pagedattention.cudnn.library.CudnnHandle;

/** A graph whose plan is chosen by measuring. */
public interface MeasuredGraph extends GraphKey {

    /** How many plans to measure; 1 for what cuDNN would choose, measured none the less. */
    int plansToMeasure();

    /** Bytes of every tensor in device memory. */
    Map<TensorId, Long> bytes();

    /**
     * Builds the graph, and as many plans as {@code choice} wants.
     *
     * @throws org.pagedattention.cudnn.library.CudnnException when cuDNN has no kernel for it
     */
    ExecutionPlan build(CudnnHandle handle, Scratch scratch, PlanChoice choice);

    @Override
    default ExecutionPlan build(CudnnHandle handle, Scratch scratch) {
        return build(handle, scratch, PlanChoice.FIRST);
    }
}
