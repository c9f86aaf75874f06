package org.pagedattention.cudnn;

import org.pagedattention.cudnn.graph.PlanCache;

/**
 * A graph that has a plan, and the slots that go through it.
 *
 * @param planned the graph
 */
record SlotGraph(PlanCache.Planned<SdpaShape> planned, Slots slots) {

    SdpaShape shape() {
        return planned.key();
    }
}
