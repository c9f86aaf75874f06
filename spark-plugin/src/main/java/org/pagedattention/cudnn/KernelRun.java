package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ElementType;
import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;

/** Times launches on random data that is in device memory already. */
final class KernelRun {
    private static final int WARM_UPS = 3;
    private static final int SAMPLES = 9;
    /** Launches in a sample, so that starting one hides behind another. */
    private static final int LAUNCHES = 10;

    private static final int RANDOM_ELEMENTS = 1 << 20;

    private final SharedDevice device;
    private final Lane lane;

    KernelRun(SharedDevice device) {
        this.device = device;
        lane = device.nextLane();
    }

    /** Median milliseconds of one launch of {@code shape} over {@code pages}. */
    double millis(AttentionSpec spec, PagedBatch pages, SdpaShape shape) {
        ExecutionPlan plan = device.plans()
                .plan(shape, List.of(new HeadDims(shape.headDim(), shape.valueDim())))
                .plan();
        ActiveSequences active = ActiveSequences.of(pages, spec.mask());
        LaunchTables tables = new LaunchTables(spec, pages, active, shape);
        MemoryPlan memory = tensors(pages, shape);
        long tablesAt = memory.append(tables.deviceBytes());
        long workspaceAt = memory.append(plan.workspaceBytes());
        try (MemoryBlock block = device.memory().acquire(memory.bytes());
                MemoryBlock hostTables = device.pinned().acquire(tables.hostBytes())) {
            synchronized (lane) {
                fillRandom(block, tablesAt);
                tables.write(hostTables.buffer(), device.version().maskedScore());
                lane.stream().upload(block.address() + tablesAt, hostTables.address(), tables.deviceBytes());
                Map<TensorId, Long> addresses = new EnumMap<>(TensorId.class);
                memory.resolve(block.address(), addresses);
                tables.resolve(hostTables.address(), block.address() + tablesAt, addresses);
                long workspace = block.address() + workspaceAt;
                return median(() -> plan.launch(lane.handle(), lane.scratch(), addresses, workspace));
            }
        }
    }

    /** Median milliseconds of a copy of {@code bytes} within device memory. */
    double copyMillis(long bytes) {
        try (MemoryBlock from = device.memory().acquire(bytes);
                MemoryBlock to = device.memory().acquire(bytes)) {
            synchronized (lane) {
                return median(() -> lane.stream().copyOnDevice(to.address(), from.address(), bytes));
            }
        }
    }

    private static MemoryPlan tensors(PagedBatch pages, SdpaShape shape) {
        long width = shape.type().bytes();
        long slotRows = (long) shape.slots() * shape.maxQuery();
        long rows = (shape.ragged() ? pages.queryTokens() : slotRows) * shape.queryHeads();
        long tokens = shape.pages() == null
                ? (long) shape.slots() * shape.maxKv()
                : ContainerExtent.of(pages).allTokens();
        return new MemoryPlan()
                .add(TensorId.QUERIES, rows * shape.headDim() * width)
                .add(TensorId.KEYS, tokens * shape.kvHeads() * shape.headDim() * width)
                .add(TensorId.VALUES, tokens * shape.kvHeads() * shape.valueDim() * width)
                .add(TensorId.OUTPUT, rows * shape.valueDim() * width)
                .add(TensorId.LSE, rows * Float.BYTES);
    }

    private double median(Runnable launch) {
        for (int i = 0; i < WARM_UPS; i++) {
            launch.run();
        }
        List<Double> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            samples.add(sample(launch));
        }
        return samples.stream().sorted().toList().get(SAMPLES / 2);
    }

    private double sample(Runnable launch) {
        GpuStream stream = lane.stream();
        try (GpuEvent start = GpuEvent.forTiming();
                GpuEvent end = GpuEvent.forTiming()) {
            start.record(stream);
            for (int i = 0; i < LAUNCHES; i++) {
                launch.run();
            }
            end.record(stream);
            end.synchronize();
            return (double) end.millisSince(start) / LAUNCHES;
        }
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
