package org.pagedattention.cudnn.graph;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.cudnn.library.CudnnHandle;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryPool;

/** Builds plans, one at a time: handle and scratch serve one thread. */
final class PlanBuilder implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PlanBuilder.class.getName());

    private final GpuDevice gpu;
    private final MemoryPool memory;
    private final Choices choices;
    private final @Nullable PlanStore store;
    private final GpuStream stream;
    private final CudnnHandle handle;
    private final Workbench bench;

    /**
     * A graph's plan, or why it has none.
     *
     * @param plan null when cuDNN refused
     * @param refusal null when it did not
     * @param millis what a launch took; infinite where nobody measured it
     * @param restored whether an earlier process had built the plan
     */
    record Built(@Nullable ExecutionPlan plan, @Nullable CudnnException refusal, float millis, boolean restored) {

        Built(@Nullable ExecutionPlan plan, @Nullable CudnnException refusal, float millis) {
            this(plan, refusal, millis, false);
        }

        void close() {
            if (plan != null) {
                plan.close();
            }
        }
    }

    /** What was measured once, so that a plan that had to go comes back as it was. */
    static final class Choices {
        private final Map<GraphKey, Stopwatch.Chosen> chosen = new HashMap<>();

        synchronized Stopwatch.@Nullable Chosen of(GraphKey key) {
            return chosen.get(key);
        }

        synchronized void keep(GraphKey key, Stopwatch.Chosen choice) {
            chosen.put(key, choice);
        }
    }

    /**
     * @param memory of the device, for what is measured
     * @param store null for none
     */
    PlanBuilder(GpuDevice gpu, MemoryPool pinned, MemoryPool memory, Choices choices, @Nullable PlanStore store) {
        this.gpu = gpu;
        this.memory = memory;
        this.choices = choices;
        this.store = store;
        stream = new GpuStream();
        handle = new CudnnHandle();
        handle.use(stream);
        bench = new Workbench(handle, new Scratch(pinned), PlanChoice.FIRST, null);
    }

    Built build(GraphKey key) {
        gpu.bind();
        try {
            Stopwatch.Chosen before = choices.of(key);
            if (before != null) {
                return new Built(key.build(bench.choosing(PlanChoice.at(before.index()))), null, before.millis());
            }
            Built stored = restored(key);
            return stored == null ? searched(key) : stored;
        } catch (CudnnException e) {
            if (!e.notSupported()) {
                throw e;
            }
            return new Built(null, e, Float.POSITIVE_INFINITY);
        }
    }

    private @Nullable Built restored(GraphKey key) {
        PlanStore.Stored stored = store == null ? null : store.find(key);
        if (stored == null) {
            return null;
        }
        try {
            return new Built(key.build(bench.restoring(stored.plan())), null, stored.millis(), true);
        } catch (CudnnException e) {
            LOG.log(System.Logger.Level.DEBUG, "a stored plan is of no use", e);
            return null;
        }
    }

    private Built searched(GraphKey key) {
        boolean measures = key instanceof MeasuredGraph;
        Built built =
                measures ? measured((MeasuredGraph) key) : new Built(key.build(bench), null, Float.POSITIVE_INFINITY);
        // where there was no memory to measure it, a later process may have some
        if (store != null && built.plan() != null && !(measures && Float.isInfinite(built.millis()))) {
            store(store, key, built.plan(), built.millis());
        }
        return built;
    }

    private static void store(PlanStore store, GraphKey key, ExecutionPlan plan, float millis) {
        try {
            store.keep(key, new PlanStore.Stored(millis, plan.json()));
        } catch (CudnnException e) {
            LOG.log(System.Logger.Level.DEBUG, "a plan cannot be stored", e);
        }
    }

    private Built measured(MeasuredGraph graph) {
        Stopwatch choice = new Stopwatch(graph, memory, stream, bench, choices);
        ExecutionPlan plan = graph.build(bench.choosing(choice));
        choices.keep(graph, choice.chosen());
        return new Built(plan, null, choice.chosen().millis());
    }

    @Override
    public void close() {
        handle.close();
        stream.close();
        bench.scratch().close();
    }
}
