package org.pagedattention.cudnn.graph;

import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.library.CudnnHandle;

/**
 * What a graph is built with. For one thread at a time.
 *
 * @param handle of the device that the plan is for
 * @param choice among the plans that cuDNN finds
 * @param stored a plan of such a graph that needs no search, as {@link ExecutionPlan#json} gave it; null for none
 */
public record Workbench(CudnnHandle handle, Scratch scratch, PlanChoice choice, byte @Nullable [] stored) {

    Workbench choosing(PlanChoice other) {
        return new Workbench(handle, scratch, other, null);
    }

    Workbench restoring(byte[] plan) {
        return new Workbench(handle, scratch, PlanChoice.FIRST, plan);
    }
}
