package org.pagedattention.cudnn.graph;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.MemoryPool;

/**
 * The plans of one device, of whatever graphs. A plan takes from a few milliseconds to a second to build, and is built
 * once, unless so many others are used after it that it has to go, because each takes memory of the host.
 *
 * <p>A few threads of its own build them: the C library keeps memory apart for each thread, and what plans take would lie
 * scattered over that of all tasks.
 */
public final class PlanCache implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PlanCache.class.getName());

    /**
     * A job takes tens at most; applications that run for weeks see many jobs. On an H200, 400 plans took 1.2 MB of host
     * memory each.
     */
    public static final int MOST_PLANS = 128;

    private static final int MOST_BUILDERS = 4;
    private static final long CLOSING_SECONDS = 60;

    private final ExecutorService threads;
    private final Queue<PlanBuilder> idle = new ConcurrentLinkedQueue<>();
    private final Map<GraphKey, PlanBuilder.Built> entries;
    private final Map<GraphKey, CompletableFuture<PlanBuilder.Built>> underWay = new ConcurrentHashMap<>();

    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private final AtomicLong restored = new AtomicLong();
    private final AtomicLong buildNanos = new AtomicLong();

    private static final class LeastRecentlyUsed extends LinkedHashMap<GraphKey, PlanBuilder.Built> {
        private static final long serialVersionUID = 1;
        private final int most;

        LeastRecentlyUsed(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<GraphKey, PlanBuilder.Built> eldest) {
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
     * @param store plans of earlier processes; null for none
     */
    public PlanCache(GpuDevice gpu, MemoryPool pinned, MemoryPool memory, int most, @Nullable PlanStore store) {
        entries = Collections.synchronizedMap(new LeastRecentlyUsed(most));
        int builders = Math.max(1, Math.min(MOST_BUILDERS, Runtime.getRuntime().availableProcessors() / 2));
        threads = Executors.newFixedThreadPool(builders, builds -> thread(builds, gpu.index()));
        PlanBuilder.Choices choices = new PlanBuilder.Choices();
        for (int i = 0; i < builders; i++) {
            idle.add(new PlanBuilder(gpu, pinned, memory, choices, store));
        }
    }

    /**
     * Sees to a plan for {@code key}.
     *
     * @throws CudnnException which is {@link CudnnException#notSupported} when cuDNN has no kernel for it
     */
    public <K extends GraphKey> Planned<K> plan(K key) {
        boolean known = entries.containsKey(key);
        PlanBuilder.Built entry = entry(key);
        if (entry.plan() == null) {
            throw Objects.requireNonNull(entry.refusal());
        }
        hits.addAndGet(known ? 1 : 0);
        return new Planned<>(key, entry.plan().workspaceBytes(), entry.millis());
    }

    /** Has a plan built, so that who asks for it soon waits less; what goes wrong, they learn. */
    public void prepare(GraphKey key) {
        if (!entries.containsKey(key)) {
            var unused = underWay(key);
        }
    }

    /**
     * The plan that {@link #plan} saw to; builds it again if it had to go. Whoever asks has to
     * {@link ExecutionPlan#release} it when the GPU is done with it.
     */
    public ExecutionPlan acquire(Planned<?> planned) {
        while (true) {
            PlanBuilder.Built entry = entry(planned.key());
            // launches have set aside what the plan took when it was built first
            if (entry.plan() == null || entry.plan().workspaceBytes() > planned.workspaceBytes()) {
                throw new IllegalStateException("cuDNN built another plan than before for " + planned, entry.refusal());
            }
            if (entry.plan().use()) {
                return entry.plan();
            }
        }
    }

    /** The plans of {@code planned}, all of them or none, to be closed when the GPU is done with them. */
    public PlanLeases lease(Collection<? extends Planned<?>> planned) {
        return PlanLeases.of(this, planned);
    }

    public PlanStatistics statistics() {
        return new PlanStatistics(hits.get(), misses.get(), restored.get(), buildNanos.get());
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            // a build cannot be interrupted, and its handle not be closed before it ends
            if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "plans are still being built, and what they take is not freed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        underWay.values()
                .forEach(never -> never.completeExceptionally(new IllegalStateException("the GPU is let go of")));
        entries.values().forEach(PlanBuilder.Built::close);
        entries.clear();
        idle.forEach(PlanBuilder::close);
        idle.clear();
    }

    private PlanBuilder.Built entry(GraphKey key) {
        PlanBuilder.Built entry = entries.get(key);
        if (entry != null) {
            return entry;
        }
        try {
            return underWay(key).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** One build of a graph at a time; who comes later waits for the same. */
    private CompletableFuture<PlanBuilder.Built> underWay(GraphKey key) {
        return underWay.computeIfAbsent(key, asked -> CompletableFuture.supplyAsync(() -> buildOnce(asked), threads));
    }

    private PlanBuilder.Built buildOnce(GraphKey key) {
        try {
            PlanBuilder.Built entry = entries.get(key);
            if (entry == null) {
                entry = build(key);
                entries.put(key, entry);
            }
            return entry;
        } finally {
            underWay.remove(key);
        }
    }

    private PlanBuilder.Built build(GraphKey key) {
        PlanBuilder builder = Objects.requireNonNull(idle.poll());
        long start = System.nanoTime();
        try {
            PlanBuilder.Built built = builder.build(key);
            long took = System.nanoTime() - start;
            buildNanos.addAndGet(took);
            misses.addAndGet(built.plan() == null ? 0 : 1);
            restored.addAndGet(built.restored() ? 1 : 0);
            LOG.log(System.Logger.Level.DEBUG, () -> took / 1_000_000 + " ms for " + built + " of " + key);
            return built;
        } finally {
            idle.add(builder);
        }
    }

    private static Thread thread(Runnable builds, int gpu) {
        Thread thread = new Thread(builds, "cudnn-plans-" + gpu);
        thread.setDaemon(true);
        return thread;
    }
}
