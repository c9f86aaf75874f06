package org.pagedattention.jobs.bench.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Threads that take the next piece of work whenever they are done with one. */
final class Tasks implements AutoCloseable {
    private final int count;
    private final ExecutorService threads;

    Tasks(int count) {
        this.count = count;
        threads = Executors.newFixedThreadPool(count);
    }

    /** Does all pieces from 0 on. */
    void share(int pieces, IntConsumer work) {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        for (int task = 0; task < count; task++) {
            running.add(threads.submit(() -> {
                for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                    work.accept(piece);
                }
            }));
        }
        running.forEach(Tasks::join);
    }

    private static void join(Future<?> future) {
        try {
            future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
