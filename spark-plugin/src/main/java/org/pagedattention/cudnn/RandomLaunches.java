package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BackendSettings;
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

/**
 * Launches of attention on random numbers that lie in device memory already, through the graphs that batches take and
 * through others: for those who compare kernels. For one thread.
 */
public final class RandomLaunches implements AutoCloseable {
    private static final int RANDOM_ELEMENTS = 1 << 20;

    private final SharedDevice device;
    private final Lane lane;

    /** Work that can be enqueued again and again. */
    public interface Repeatable extends AutoCloseable {
        /** Enqueues it once. */
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

    private RandomLaunches(SharedDevice device) {
        this.device = device;
        device.bind();
        lane = device.nextLane();
    }

    /**
     * Launches on the device of {@code settings}.
     *
     * @throws IllegalStateException when the GPU backend cannot work here
     */
    public static RandomLaunches open(BackendSettings settings) {
        new CudnnBackendProvider().unavailable(settings).ifPresent(problem -> {
            throw new IllegalStateException("bench kernel needs the cudnn backend: " + problem);
        });
        return new RandomLaunches(SharedDevice.acquire(settings.device(), settings.gpu()));
    }

    /** The GPU. */
    public String device() {
        return device.gpu().toString();
    }

    /** The version of cuDNN. */
    public String cudnn() {
        return device.version().toString();
    }

    /** The graph that the backend takes for {@code pages}, a slot a sequence. */
    public Repeatable chosen(AttentionSpec spec, PagedBatch pages) {
        ActiveSequences active = active(spec, pages);
        return attention(spec, pages, active, ShapeBuckets.of(device).shape(spec, pages, active, false));
    }

    /** The graph in which short sequences share slots; empty where none may. */
    public Optional<Repeatable> sharingSlots(AttentionSpec spec, PagedBatch pages) {
        Packing packing = Packing.of(pages, spec.mask(), active(spec, pages), Packing.When.ALWAYS);
        if (packing == null) {
            return Optional.empty();
        }
        PackedSlots slots = packing.packed();
        SdpaShape shape = ShapeBuckets.of(device).packed(spec, pages, slots, false);
        return Optional.of(attention(spec, pages, slots, shape));
    }

    /** A graph without pages, over sequences that are equally long. */
    public Repeatable dense(AttentionSpec spec, PagedBatch pages) {
        return exact(spec, pages, pages.sequences(), pages.longestQuery(), null);
    }

    /** A graph of just the extents of {@code pages} whose queries lie end to end, as a mixture of lengths needs it. */
    public Repeatable endToEnd(AttentionSpec spec, PagedBatch pages) {
        return endToEnd(spec, pages, pages.sequences(), pages.longestQuery());
    }

    /** The same with {@code slots} for sequences of {@code tokens}, as many as there are or more. */
    public Repeatable endToEnd(AttentionSpec spec, PagedBatch pages, int slots, int tokens) {
        int stride = pages.layout().pageStride(pages.pageSize());
        long containerPages = ContainerExtent.of(pages).zeroPage() + 1L;
        return exact(spec, pages, slots, tokens, new PageShape(pages.pageSize(), stride, containerPages));
    }

    /** Copies of {@code bytes} within device memory. */
    public Repeatable copy(long bytes) {
        return new Copy(device.memory().acquire(bytes), device.memory().acquire(bytes), bytes);
    }

    /** Milliseconds that one of {@code launches} launches takes, all enqueued at once. */
    public double millis(Repeatable work, int launches) {
        synchronized (lane) {
            GpuStream stream = lane.stream();
            try (GpuEvent start = GpuEvent.forTiming();
                    GpuEvent end = GpuEvent.forTiming()) {
                start.record(stream);
                for (int i = 0; i < launches; i++) {
                    work.enqueue(lane);
                }
                end.record(stream);
                end.synchronize();
                return (double) end.millisSince(start) / launches;
            }
        }
    }

    @Override
    public void close() {
        device.release();
    }

    /** Launches of {@code wanted}, or with a padding mask where cuDNN wants one, over {@code slots} of {@code pages}. */
    private Repeatable attention(AttentionSpec spec, PagedBatch pages, Slots slots, SdpaShape wanted) {
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

    private static ActiveSequences active(AttentionSpec spec, PagedBatch pages) {
        return ActiveSequences.of(pages, spec.mask());
    }

    private Repeatable exact(
            AttentionSpec spec, PagedBatch pages, int slots, int tokens, @Nullable PageShape container) {
        boolean paged = container != null;
        ActiveSequences active = active(spec, pages);
        SdpaShape shape = new SdpaShape(
                spec.type(),
                slots,
                spec.queryHeads(),
                spec.kvHeads(),
                spec.headDim(),
                spec.valueDim(),
                tokens,
                tokens,
                container,
                spec.mask().band(),
                false,
                paged,
                false,
                false,
                paged && active.seesPadding(spec.mask(), pages.longestKv()),
                false,
                null);
        return attention(spec, pages, active, shape);
    }
}
