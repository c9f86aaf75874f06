package org.pagedattention.cudnn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.MemoryPool;

/**
 * The plans of one device. A plan takes from a few to some hundred milliseconds to build, and is built once, unless so many
 * others are used after it that it has to go, because each takes memory of the host.
 */
final class PlanCache implements AutoCloseable {
    /**
     * A job takes tens at most; applications that run for weeks see many jobs. On an H200, 400 plans took 1.2 MB of host
     * memory each.
     */
    static final int MOST_PLANS = 128;

    private final CudnnVersion version;
    private final GpuDevice gpu;
    private final ExecutorService builder;
    private final CudnnHandle handle;
    private final Scratch scratch;
    private final Map<SdpaShape, Entry> entries;
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
            @Nullable ExecutionPlan plan, @Nullable CudnnException refusal) {

        void close() {
            if (plan != null) {
                plan.close();
            }
        }
    }

    private static final class LeastRecentlyUsed extends LinkedHashMap<SdpaShape, Entry> {
        private static final long serialVersionUID = 1;
        private final int most;

        LeastRecentlyUsed(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<SdpaShape, Entry> eldest) {
            if (size() <= most) {
                return false;
            }
            eldest.getValue().close();
            return true;
        }
    }

    /**
     * A shape that has a plan.
     *
     * @param shape heads padded as the plan wants them
     * @param workspaceBytes device memory that a launch needs beside its tensors
     */
    record Planned(SdpaShape shape, long workspaceBytes) {}

    /**
     * @param most shapes to keep, those that cuDNN refused counted
     */
    PlanCache(GpuDevice gpu, CudnnVersion version, MemoryPool pinned, int most) {
        entries = Collections.synchronizedMap(new LeastRecentlyUsed(most));
        this.gpu = gpu;
        this.version = version;
        builder = Executors.newSingleThreadExecutor(this::thread);
        handle = new CudnnHandle();
        scratch = new Scratch(pinned);
    }

    /**
     * Sees to a plan for {@code shape}, or for what comes nearest to it that cuDNN takes.
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
                return new Planned(candidate, entry.plan.workspaceBytes());
            }
            refusal = entry.refusal;
        }
        throw new IllegalArgumentException(
                "cuDNN " + version + " has no attention kernel on this GPU for " + shape
                        + ": use --backend cpu, another head dim or another --page-size",
                refusal);
    }

    /**
     * The plan that {@link #plan} saw to; builds it again if it had to go. Whoever asks has to
     * {@link ExecutionPlan#release} it when the GPU is done with it.
     */
    ExecutionPlan acquire(Planned planned) {
        while (true) {
            Entry entry = entry(planned.shape());
            // launches have set aside what the plan took when it was built first
            if (entry.plan == null || entry.plan.workspaceBytes() > planned.workspaceBytes()) {
                throw new IllegalStateException("cuDNN built another plan than before for " + planned, entry.refusal);
            }
            if (entry.plan.use()) {
                return entry.plan;
            }
        }
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
        builder.shutdown();
        entries.values().forEach(Entry::close);
        entries.clear();
        handle.close();
        scratch.close();
    }

    private Entry entry(SdpaShape shape) {
        Entry entry = entries.get(shape);
        return entry == null ? build(shape) : entry;
    }

    /**
     * One build at a time, and all in one thread. Handle and scratch serve one thread, and the C library keeps memory apart
     * for each thread: where tasks had built 640 plans, of which 128 stayed, it held 439 MB on an H200's host, and 306 MB
     * where one thread had, both with MALLOC_ARENA_MAX=2.
     */
    private Entry build(SdpaShape shape) {
        try {
            return CompletableFuture.supplyAsync(() -> buildOnce(shape), builder)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private Entry buildOnce(SdpaShape shape) {
        gpu.bind();
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

    private Thread thread(Runnable builds) {
        Thread thread = new Thread(builds, "cudnn-plans-" + gpu.index());
        thread.setDaemon(true);
        return thread;
    }
}
