package org.pagedattention.cudnn.graph;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.cudnn.library.CudnnHandle;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryPool;

/**
 * The plans of one device, of whatever graphs. A plan takes from a few to some hundred milliseconds to build, and is
 * built once, unless so many others are used after it that it has to go, because each takes memory of the host.
 */
public final class PlanCache implements AutoCloseable {
    /**
     * A job takes tens at most; applications that run for weeks see many jobs. On an H200, 400 plans took 1.2 MB of host
     * memory each.
     */
    public static final int MOST_PLANS = 128;

    private final GpuDevice gpu;
    private final MemoryPool memory;
    private final GpuStream stream;
    private final ExecutorService builder;
    private final CudnnHandle handle;
    private final Scratch scratch;
    private final Map<GraphKey, Entry> entries;
    /** What was measured once, so that a plan that had to go comes back as it was. */
    private final Map<GraphKey, Stopwatch.Chosen> chosen = new HashMap<>();

    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private final AtomicLong buildNanos = new AtomicLong();

    /**
     * A graph's plan, or why it has none.
     *
     * @param plan null when cuDNN refused
     * @param refusal null when it did not
     * @param millis what a launch took; infinite where nobody measured it
     */
    private record Entry(
            @Nullable ExecutionPlan plan, @Nullable CudnnException refusal, float millis) {

        void close() {
            if (plan != null) {
                plan.close();
            }
        }
    }

    private static final class LeastRecentlyUsed extends LinkedHashMap<GraphKey, Entry> {
        private static final long serialVersionUID = 1;
        private final int most;

        LeastRecentlyUsed(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<GraphKey, Entry> eldest) {
            if (size() <= most) {
                return false;
            }
            eldest.getValue().close();
            return true;
        }
    }

    /**
     * A graph that has a plan.
     *
     * @param workspaceBytes device memory that a launch needs beside its tensors
     * @param millis what a launch of a {@link MeasuredGraph} took; infinite where nobody measured it
     */
    public record Planned<K extends GraphKey>(K key, long workspaceBytes, float millis) {}

    /**
     * @param memory of the device, for what is measured
     * @param most graphs to keep, those that cuDNN refused counted
     */
    public PlanCache(GpuDevice gpu, MemoryPool pinned, MemoryPool memory, int most) {
        this.memory = memory;
        entries = Collections.synchronizedMap(new LeastRecentlyUsed(most));
        this.gpu = gpu;
        builder = Executors.newSingleThreadExecutor(this::thread);
        stream = new GpuStream();
        handle = new CudnnHandle();
        handle.use(stream);
        scratch = new Scratch(pinned);
    }

    /**
     * Sees to a plan for {@code key}.
     *
     * @throws CudnnException which is {@link CudnnException#notSupported} when cuDNN has no kernel for it
     */
    public <K extends GraphKey> Planned<K> plan(K key) {
        boolean known = entries.containsKey(key);
        Entry entry = entry(key);
        if (entry.plan == null) {
            throw Objects.requireNonNull(entry.refusal);
        }
        hits.addAndGet(known ? 1 : 0);
        return new Planned<>(key, entry.plan.workspaceBytes(), entry.millis);
    }

    /**
     * The plan that {@link #plan} saw to; builds it again if it had to go. Whoever asks has to
     * {@link ExecutionPlan#release} it when the GPU is done with it.
     */
    public ExecutionPlan acquire(Planned<?> planned) {
        while (true) {
            Entry entry = entry(planned.key());
            // launches have set aside what the plan took when it was built first
            if (entry.plan == null || entry.plan.workspaceBytes() > planned.workspaceBytes()) {
                throw new IllegalStateException("cuDNN built another plan than before for " + planned, entry.refusal);
            }
            if (entry.plan.use()) {
                return entry.plan;
            }
        }
    }

    /** The plans of {@code planned}, all of them or none, to be closed when the GPU is done with them. */
    public PlanLeases lease(Collection<? extends Planned<?>> planned) {
        return PlanLeases.of(this, planned);
    }

    public PlanStatistics statistics() {
        return new PlanStatistics(hits.get(), misses.get(), buildNanos.get());
    }

    @Override
    public void close() {
        builder.shutdown();
        entries.values().forEach(Entry::close);
        entries.clear();
        handle.close();
        stream.close();
        scratch.close();
    }

    private Entry entry(GraphKey key) {
        Entry entry = entries.get(key);
        return entry == null ? build(key) : entry;
    }

    /**
     * One build at a time, and all in one thread. Handle and scratch serve one thread, and the C library keeps memory apart
     * for each thread: where tasks had built 640 plans, of which 128 stayed, it held 439 MB on an H200's host, and 306 MB
     * where one thread had, both with MALLOC_ARENA_MAX=2.
     */
    private Entry build(GraphKey key) {
        try {
            return CompletableFuture.supplyAsync(() -> buildOnce(key), builder).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private Entry buildOnce(GraphKey key) {
        gpu.bind();
        Entry entry = entries.get(key);
        if (entry != null) {
            return entry;
        }
        long start = System.nanoTime();
        entry = tryBuild(key);
        buildNanos.addAndGet(System.nanoTime() - start);
        if (entry.plan != null) {
            misses.incrementAndGet();
        }
        entries.put(key, entry);
        return entry;
    }

    private Entry tryBuild(GraphKey key) {
        try {
            return measured(key);
        } catch (CudnnException e) {
            if (!e.notSupported()) {
                throw e;
            }
            return new Entry(null, e, Float.POSITIVE_INFINITY);
        }
    }

    private Entry measured(GraphKey key) {
        if (!(key instanceof MeasuredGraph graph)) {
            return new Entry(key.build(handle, scratch), null, Float.POSITIVE_INFINITY);
        }
        Stopwatch.Chosen before = chosen.get(key);
        if (before != null) {
            PlanChoice same = PlanChoice.at(before.index());
            return new Entry(graph.build(handle, scratch, same), null, before.millis());
        }
        Stopwatch choice = new Stopwatch(graph, memory, stream, handle, scratch);
        ExecutionPlan plan = graph.build(handle, scratch, choice);
        chosen.put(key, choice.chosen());
        return new Entry(plan, null, choice.chosen().millis());
    }

    private Thread thread(Runnable builds) {
        Thread thread = new Thread(builds, "cudnn-plans-" + gpu.index());
        thread.setDaemon(true);
        return thread;
    }
}
