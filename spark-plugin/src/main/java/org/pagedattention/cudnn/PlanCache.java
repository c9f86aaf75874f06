package org.pagedattention.cudnn;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.gpu.MemoryPool;

/** The plans of one device. A plan takes from a few to some hundred milliseconds to build, and is built once. */
final class PlanCache implements AutoCloseable {
    private final CudnnVersion version;
    private final CudnnHandle handle;
    private final Scratch scratch;
    private final Map<SdpaShape, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private final AtomicLong buildNanos = new AtomicLong();

    /**
     * A shape's plan, or why it has none.
     *
     * @param plan null when cuDNN refused
     * @param refusal null when it did not
     */
    private record Entry(
            @Nullable ExecutionPlan plan, @Nullable CudnnException refusal) {}

    /**
     * A plan and the shape that it was built for.
     *
     * @param shape heads padded as the plan wants them
     */
    record Planned(SdpaShape shape, ExecutionPlan plan) {}

    PlanCache(CudnnVersion version, MemoryPool pinned) {
        this.version = version;
        handle = new CudnnHandle();
        scratch = new Scratch(pinned);
    }

    /**
     * The plan for {@code shape}, or for what comes nearest to it that cuDNN takes.
     *
     * @param paddings head sizes to try
     *
     * @throws IllegalArgumentException when cuDNN takes none
     */
    Planned plan(SdpaShape shape, List<HeadDims> paddings) {
        CudnnException refusal = null;
        for (SdpaShape candidate : candidates(shape, paddings)) {
            Optional<String> gate = version.refusal(candidate);
            if (gate.isPresent()) {
                throw new IllegalArgumentException(gate.get());
            }
            boolean known = entries.containsKey(candidate);
            Entry entry = entry(candidate);
            if (entry.plan != null) {
                hits.addAndGet(known ? 1 : 0);
                return new Planned(candidate, entry.plan);
            }
            refusal = entry.refusal;
        }
        throw new IllegalArgumentException(
                "cuDNN " + version + " has no attention kernel on this GPU for " + shape
                        + ": use --backend cpu, another head dim or another --page-size",
                refusal);
    }

    /** A needless padding mask costs less than larger heads. */
    private static List<SdpaShape> candidates(SdpaShape shape, List<HeadDims> paddings) {
        return paddings.stream()
                .map(shape::withHeadDims)
                .flatMap(padded -> Stream.of(padded, padded.withPaddingMask()))
                .distinct()
                .toList();
    }

    PlanStatistics statistics() {
        return new PlanStatistics(hits.get(), misses.get(), buildNanos.get());
    }

    @Override
    public void close() {
        for (Entry entry : entries.values()) {
            if (entry.plan != null) {
                entry.plan.close();
            }
        }
        entries.clear();
        handle.close();
        scratch.close();
    }

    private Entry entry(SdpaShape shape) {
        Entry entry = entries.get(shape);
        return entry == null ? build(shape) : entry;
    }

    /** One build at a time: handle and scratch serve one thread, and concurrent builds are mostly for one shape. */
    private synchronized Entry build(SdpaShape shape) {
        Entry entry = entries.get(shape);
        if (entry != null) {
            return entry;
        }
        long start = System.nanoTime();
        entry = tryBuild(shape);
        buildNanos.addAndGet(System.nanoTime() - start);
        if (entry.plan != null) {
            misses.incrementAndGet();
        }
        entries.put(shape, entry);
        return entry;
    }

    private Entry tryBuild(SdpaShape shape) {
        try {
            return new Entry(PagedSdpaGraph.plan(shape, handle, scratch), null);
        } catch (CudnnException e) {
            if (!e.notSupported()) {
                throw e;
            }
            return new Entry(null, e);
        }
    }
}
