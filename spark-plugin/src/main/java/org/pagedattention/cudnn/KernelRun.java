package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/** Times launches on random data that is in device memory already. */
final class KernelRun {
    private static final int SAMPLES = 15;

    /** A sample has as many launches as fit this time, so that starting one hides behind another. */
    private static final double SAMPLE_MILLIS = 3;

    private static final int MOST_LAUNCHES = 50;
    private static final int RANDOM_ELEMENTS = 1 << 20;

    private final SharedDevice device;
    private final Lane lane;

    /** Work that can be enqueued again and again. */
    interface Repeatable extends AutoCloseable {
        void enqueue(Lane lane);

        @Override
        void close();
    }

    /**
     * An attention launch with its memory.
     *
     * @param block tensors in device memory
     * @param tables launch tables in host memory
     */
    private record Attention(MemoryBlock block, MemoryBlock tables, ExecutionPlan.Arguments arguments)
            implements Repeatable {
        @Override
        public void enqueue(Lane lane) {
            arguments.launch(lane.handle());
        }

        @Override
        public void close() {
            arguments.close();
            arguments.owner().release();
            tables.close();
            block.close();
        }
    }

    /** A copy within device memory. */
    private record Copy(MemoryBlock from, MemoryBlock to, long bytes) implements Repeatable {
        @Override
        public void enqueue(Lane lane) {
            lane.stream().copyOnDevice(to.address(), from.address(), bytes);
        }

        @Override
        public void close() {
            from.close();
            to.close();
        }
    }

    KernelRun(SharedDevice device) {
        this.device = device;
        lane = device.nextLane();
    }

    /** Launches of {@code wanted}, or with a padding mask where cuDNN wants one, over {@code slots} of {@code pages}. */
    Repeatable attention(AttentionSpec spec, PagedBatch pages, Slots slots, SdpaShape wanted) {
        PlanCache.Planned<SdpaShape> planned = SdpaPlans.of(device).plan(wanted, List.of(wanted.headDims()));
        SdpaShape shape = planned.key();
        ExecutionPlan plan = device.plans().acquire(planned);
        LaunchTables tables = new LaunchTables(spec, pages, slots, shape);
        MemoryPlan memory = tensors(pages, shape);
        long tablesAt = memory.append(tables.deviceBytes());
        long workspaceAt = memory.append(planned.workspaceBytes());
        MemoryBlock block = device.memory().acquire(memory.bytes());
        MemoryBlock hostTables = device.pinned().acquire(tables.hostBytes());
        synchronized (lane) {
            fillRandom(block, tablesAt);
            tables.write(hostTables.buffer(), new SdpaSupport(device.version()).maskedScore());
            lane.stream().upload(block.address() + tablesAt, hostTables.address(), tables.deviceBytes());
            lane.stream().synchronize();
            Map<TensorId, Long> addresses = new HashMap<>();
            memory.resolve(block.address(), addresses);
            tables.resolve(hostTables.address(), block.address() + tablesAt, addresses);
            return new Attention(
                    block, hostTables, plan.bind(lane.scratch(), addresses, block.address() + workspaceAt));
        }
    }

    /** Copies of {@code bytes} within device memory. */
    Repeatable copy(long bytes) {
        return new Copy(device.memory().acquire(bytes), device.memory().acquire(bytes), bytes);
    }

    /**
     * Median milliseconds of each of {@code runs}. Samples of all runs alternate, so that clock and temperature of the
     * GPU are the same for all.
     */
    List<Double> medians(List<Repeatable> runs) {
        synchronized (lane) {
            List<Integer> launches = runs.stream().map(this::launchesPerSample).toList();
            List<List<Double>> samples = new ArrayList<>();
            runs.forEach(run -> samples.add(new ArrayList<>()));
            for (int s = 0; s < SAMPLES; s++) {
                for (int i = 0; i < runs.size(); i++) {
                    samples.get(i).add(sample(runs.get(i), launches.get(i)));
                }
            }
            return samples.stream()
                    .map(times -> times.stream().sorted().toList().get(SAMPLES / 2))
                    .toList();
        }
    }

    /** Warms up, too. */
    private int launchesPerSample(Repeatable run) {
        sample(run, 2);
        double millis = Math.max(1e-3, sample(run, 2));
        return (int) Math.max(1, Math.min(MOST_LAUNCHES, SAMPLE_MILLIS / millis));
    }

    private double sample(Repeatable run, int launches) {
        GpuStream stream = lane.stream();
        try (GpuEvent start = GpuEvent.forTiming();
                GpuEvent end = GpuEvent.forTiming()) {
            start.record(stream);
            for (int i = 0; i < launches; i++) {
                run.enqueue(lane);
            }
            end.record(stream);
            end.synchronize();
            return (double) end.millisSince(start) / launches;
        }
    }

    private static MemoryPlan tensors(PagedBatch pages, SdpaShape shape) {
        long tokens = shape.pages() == null
                ? (long) shape.slots() * shape.maxKv()
                : ContainerExtent.of(pages).allTokens();
        return LaunchPlan.tensors(shape, pages.queryTokens(), tokens);
    }

    /** Real numbers, because zeros cost less power and so run faster than any real problem. */
    private void fillRandom(MemoryBlock block, long bytes) {
        Random random = new Random(1);
        int chunk = RANDOM_ELEMENTS * ElementType.FP16.bytes();
        try (MemoryBlock host = device.pinned().acquire(chunk)) {
            ByteBuffer values = host.buffer();
            for (int at = 0; at < chunk; at += ElementType.FP16.bytes()) {
                ElementType.FP16.put(values, at, (float) random.nextGaussian());
            }
            for (long at = 0; at < bytes; at += chunk) {
                lane.stream().upload(block.address() + at, host.address(), Math.min(chunk, bytes - at));
            }
            lane.stream().synchronize();
        }
    }
}
