package org.pagedattention.cudnn.graph;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Plans that are kept from being freed while the GPU may run them. */
public final class PlanLeases implements AutoCloseable {
    private final Map<GraphKey, ExecutionPlan> plans = new HashMap<>();

    /** The plans of {@code wanted}, all of them or none. */
    static PlanLeases of(PlanCache cache, Collection<? extends PlanCache.Planned<?>> wanted) {
        PlanLeases leases = new PlanLeases();
        try {
            wanted.forEach(planned -> leases.plans.computeIfAbsent(planned.key(), key -> cache.acquire(planned)));
            return leases;
        } catch (RuntimeException | Error e) {
            leases.close();
            throw e;
        }
    }

    /** The plan of {@code key}, which is one of those asked for. */
    public ExecutionPlan plan(GraphKey key) {
        ExecutionPlan plan = plans.get(key);
        if (plan == null) {
            throw new IllegalStateException("no plan held for " + key);
        }
        return plan;
    }

    /** Lets go of all plans; a second call does nothing. */
    @Override
    public void close() {
        plans.values().forEach(ExecutionPlan::release);
        plans.clear();
    }
}
