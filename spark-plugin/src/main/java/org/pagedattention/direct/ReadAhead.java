package org.pagedattention.direct;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads one thing ahead: the next is read while the last one is worked on, because the thread that works on it mostly
 * waits for the GPU.
 *
 * @param <S> what is read from
 * @param <T> what comes of it; whoever takes it closes it
 */
final class ReadAhead<S, T extends AutoCloseable> implements AutoCloseable {
    private final Iterator<S> sources;
    private final Function<S, T> reader;
    private final ExecutorService thread;
    private @Nullable CompletableFuture<T> next;

    /** Begins to read. */
    ReadAhead(Iterator<S> sources, Function<S, T> reader) {
        this.sources = sources;
        this.reader = reader;
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread worker = new Thread(work, Thread.currentThread().getName() + ", reading ahead");
            worker.setDaemon(true);
            return worker;
        });
        begin();
    }

    /** Waits for the next; throws what its reading threw. */
    T take() {
        CompletableFuture<T> current = next;
        if (current == null) {
            throw new IllegalStateException("everything has been taken");
        }
        next = null;
        try {
            T taken = current.join();
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
            next = CompletableFuture.supplyAsync(() -> reader.apply(source), thread);
        }
    }

    /** Waits for what is being read, and closes it. */
    @Override
    public void close() {
        CompletableFuture<T> left = next;
        next = null;
        thread.shutdown();
        if (left != null) {
            left.handle((read, failure) -> {
                        closeQuietly(read);
                        return failure;
                    })
                    .join();
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable read) {
        if (read != null) {
            try {
                read.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot close what was read ahead", e);
            }
        }
    }
}
