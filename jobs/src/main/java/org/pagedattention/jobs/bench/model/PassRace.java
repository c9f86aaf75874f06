package org.pagedattention.jobs.bench.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.model.TokenBatch;

/**
 * Passes of one batch, started by several threads as tasks do it: each makes one pass while another of its own is
 * computed.
 */
record PassRace(ModelBackend backend, EmbeddingModel model, TokenBatch batch, int tasks) {
    private static final int ROUNDS = 5;

    private record Started(Pass pass, Tensor result) {}

    /** Seconds that {@code passes} take: the median of some rounds, behind one in which plans are built. */
    double seconds(int passes) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(tasks);
        try {
            round(threads, tasks);
            double[] seconds = new double[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                seconds[i] = round(threads, passes);
            }
            Arrays.sort(seconds);
            return seconds[ROUNDS / 2];
        } finally {
            threads.shutdownNow();
        }
    }

    private double round(ExecutorService threads, int passes) throws InterruptedException {
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            int count = passes / tasks + (task < passes % tasks ? 1 : 0);
            running.add(threads.submit(() -> run(count)));
        }
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void run(int count) {
        Deque<Started> started = new ArrayDeque<>();
        try {
            for (int i = 0; i < count; i++) {
                started.add(start());
                if (started.size() > 1) {
                    finish(started.remove());
                }
            }
            while (!started.isEmpty()) {
                finish(started.remove());
            }
        } finally {
            started.forEach(one -> one.pass().close());
        }
    }

    private Started start() {
        Pass pass = backend.begin(batch.pages());
        try {
            Tensor result = model.forward(pass, batch, 0);
            pass.start(result);
            return new Started(pass, result);
        } catch (RuntimeException | Error e) {
            pass.close();
            throw e;
        }
    }

    private static void finish(Started one) {
        try (Pass pass = one.pass()) {
            var unused = pass.read(one.result());
        }
    }
}
