package org.pagedattention.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks for several things at once, as each answer takes its time to come. */
public final class Parallel {
    private Parallel() {}

    /** What is done with one thing. */
    public interface Action<T, R> {
        R on(T one) throws IOException;
    }

    /**
     * Does {@code action} with each of {@code all}.
     *
     * @param most how many of them at once
     * @return what came of each, in their order
     * @throws IOException or another exception, as the first that failed threw it
     */
    public static <T, R> List<R> map(List<T> all, int most, Action<T, R> action) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(most, all.size())));
        try {
            List<Future<R>> started = new ArrayList<>();
            for (T one : all) {
                started.add(threads.submit(() -> action.on(one)));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> one : started) {
                results.add(one.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException refusal) {
                throw refusal;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while other threads worked", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
