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
    private final GpuDevice gpu;
    private final MemoryPool memory;
    private final Choices choices;
    private final GpuStream stream;
    private final CudnnHandle handle;
    private final Scratch scratch;

    /**
     * A graph's plan, or why it has none.
     *
     * @param plan null when cuDNN refused
     * @param refusal null when it did not
     * @param millis what a launch took; infinite where nobody measured it
     */
    record Built(@Nullable ExecutionPlan plan, @Nullable CudnnException refusal, float millis) {

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
     */
    PlanBuilder(GpuDevice gpu, MemoryPool pinned, MemoryPool memory, Choices choices) {
        this.gpu = gpu;
        this.memory = memory;
        this.choices = choices;
        stream = new GpuStream();
        handle = new CudnnHandle();
        handle.use(stream);
        scratch = new Scratch(pinned);
    }

    Built build(GraphKey key) {
        gpu.bind();
        try {
            return key instanceof MeasuredGraph graph
                    ? measured(graph)
                    : new Built(key.build(handle, scratch), null, Float.POSITIVE_INFINITY);
        } catch (CudnnException e) {
            if (!e.notSupported()) {
                throw e;
            }
            return new Built(null, e, Float.POSITIVE_INFINITY);
        }
    }

    private Built measured(MeasuredGraph graph) {
        Stopwatch.Chosen before = choices.of(graph);
        if (before != null) {
            PlanChoice same = PlanChoice.at(before.index());
            return new Built(graph.build(handle, scratch, same), null, before.millis());
        }
        Stopwatch choice = new Stopwatch(graph, memory, stream, handle, scratch, choices);
        ExecutionPlan plan = graph.build(handle, scratch, choice);
        choices.keep(graph, choice.chosen());
        return new Built(plan, null, choice.chosen().millis());
    }

    @Override
    public void close() {
        handle.close();
        stream.close();
        scratch.close();
    }
}
