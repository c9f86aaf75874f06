package org.pagedattention.cudnn.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/** Runs the plans of a graph on memory of their own and takes the fastest, once a process and graph. For one thread. */
final class Stopwatch implements PlanChoice {
    private static final int RUNS = 12;
    private static final float NEVER = Float.POSITIVE_INFINITY;

    private final MeasuredGraph graph;
    private final MemoryPool memory;
    private final GpuStream stream;
    private final Workbench bench;
    private final Object alone;
    private Chosen chosen = new Chosen(0, NEVER);

    /**
     * What was chosen.
     *
     * @param index of the plan
     * @param millis what it took; infinite where there was no memory to measure it
     */
    record Chosen(int index, float millis) {}

    /**
     * @param bench whose handle launches on {@code stream}
     * @param alone who holds it measures while nobody else does
     */
    Stopwatch(MeasuredGraph graph, MemoryPool memory, GpuStream stream, Workbench bench, Object alone) {
        this.graph = graph;
        this.memory = memory;
        this.stream = stream;
        this.bench = bench;
        this.alone = alone;
    }

    Chosen chosen() {
        return chosen;
    }

    @Override
    public int most() {
        return graph.plansToMeasure();
    }

    @Override
    public int of(List<ExecutionPlan> plans) {
        synchronized (alone) {
            return fastest(plans);
        }
    }

    private int fastest(List<ExecutionPlan> plans) {
        MemoryPlan block = new MemoryPlan();
        graph.bytes().forEach(block::add);
        long workspaceBytes =
                plans.stream().mapToLong(ExecutionPlan::workspaceBytes).max().orElse(0);
        long workspaceAt = block.append(workspaceBytes);
        try (MemoryBlock taken = memory.acquire(block.bytes())) {
            stream.fill(taken.address(), 0, block.bytes());
            Map<TensorId, Long> addresses = new HashMap<>();
            block.resolve(taken.address(), addresses);
            float[] millis = leastMillis(plans, addresses, taken.address() + workspaceAt);
            for (int i = 0; i < millis.length; i++) {
                chosen = millis[i] < chosen.millis() ? new Chosen(i, millis[i]) : chosen;
            }
            return chosen.index();
        } catch (DeviceMemoryException e) {
            return 0;
        }
    }

    /**
     * The least of some runs of each; infinite for plans that do not run. They take turns, so that what else the GPU does
     * meanwhile slows all of them.
     */
    private float[] leastMillis(List<ExecutionPlan> plans, Map<TensorId, Long> addresses, long workspace) {
        float[] least = new float[plans.size()];
        Arrays.fill(least, NEVER);
        boolean[] fails = new boolean[plans.size()];
        for (int run = 0; run <= RUNS; run++) {
            for (int i = 0; i < least.length; i++) {
                float took = fails[i] ? NEVER : millis(plans.get(i), addresses, workspace);
                fails[i] = took == NEVER;
                // the first run of a kernel loads it
                least[i] = run == 0 || fails[i] ? NEVER : Math.min(least[i], took);
            }
        }
        return least;
    }

    private float millis(ExecutionPlan plan, Map<TensorId, Long> addresses, long workspace) {
        try (ExecutionPlan.Arguments arguments = plan.bind(bench.scratch(), addresses, workspace);
                GpuEvent start = GpuEvent.forTiming();
                GpuEvent end = GpuEvent.forTiming()) {
            start.record(stream);
            arguments.launch(bench.handle());
            end.record(stream);
            end.synchronize();
            return end.millisSince(start);
        } catch (CudnnException e) {
            return NEVER;
        }
    }
}
