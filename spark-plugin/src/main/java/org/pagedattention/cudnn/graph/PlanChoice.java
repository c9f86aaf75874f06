package org.pagedattention.cudnn.graph;

import java.util.List;

/** Chooses among the plans of one graph, which come in the order in which cuDNN would choose. */
public interface PlanChoice {

    /** What cuDNN would choose. */
    PlanChoice FIRST = at(0);

    /** One that was chosen before. */
    static PlanChoice at(int index) {
        return new PlanChoice() {
            @Override
            public int most() {
                return index + 1;
            }

            @Override
            public int of(List<ExecutionPlan> plans) {
                return index;
            }
        };
    }

    /** How many plans to choose among. */
    int most();

    /** The index of one. */
    int of(List<ExecutionPlan> plans);
}
