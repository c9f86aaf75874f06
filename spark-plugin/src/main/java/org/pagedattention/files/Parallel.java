package org.pagedattention.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.Path;

/** Asks a file system for several things at once, as each answer takes its time to come. */
final class Parallel {
    private static final int MOST = 16;

    private Parallel() {}

    /** What is done with one path. */
    interface Action {
        void on(Path path) throws IOException;
    }

    /** Does {@code action} with each of {@code paths}; throws what the first that failed threw. */
    static void forEach(List<Path> paths, Action action) throws IOException {
        if (paths.isEmpty()) {
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(MOST, paths.size()));
        try {
            List<Future<?>> all = new ArrayList<>();
            for (Path path : paths) {
                all.add(threads.submit(() -> {
                    action.on(path);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
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
            throw new IOException("interrupted while listing", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
