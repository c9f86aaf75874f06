package org.pagedattention.direct;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does the work for a few things ahead, on threads of their own, and hands the results out in order. Each thread mostly
 * waits: for a file, for the bus, for the GPU; so several keep all of these at work.
 *
 * @param <S> what is worked on
 * @param <T> what comes of it; whoever takes it closes it
 */
final class WorkAhead<S, T extends AutoCloseable> implements AutoCloseable {
    /** Kept between tasks of a process, because CUDA has a stream for each. */
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(new Daemons());

    private final Iterator<S> sources;
    private final Function<S, T> work;
    private final Deque<CompletableFuture<T>> begun = new ArrayDeque<>();

    /**
     * Begins to work.
     *
     * @param ahead results that are there or in work, and not taken yet
     */
    WorkAhead(Iterator<S> sources, int ahead, Function<S, T> work) {
        this.sources = sources;
        this.work = work;
        for (int i = 0; i < ahead; i++) {
            begin();
        }
    }

    /** Waits for the next; throws what its work threw. */
    T take() {
        CompletableFuture<T> next = begun.poll();
        if (next == null) {
            throw new IllegalStateException("everything has been taken");
        }
        try {
            T taken = next.join();
            begin();
            return taken;
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void begin() {
        if (sources.hasNext()) {
            S source = sources.next();
            begun.add(CompletableFuture.supplyAsync(() -> work.apply(source), THREADS));
        }
    }

    /** Waits for what is in work, and closes it. */
    @Override
    public void close() {
        while (!begun.isEmpty()) {
            begun.remove()
                    .handle((done, failure) -> {
                        closeQuietly(done);
                        return failure;
                    })
                    .join();
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable done) {
        if (done != null) {
            try {
                done.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot close what was worked on ahead", e);
            }
        }
    }

    private static final class Daemons implements ThreadFactory {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public Thread newThread(Runnable work) {
            Thread thread = new Thread(work, "paged attention, direct " + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }
}
