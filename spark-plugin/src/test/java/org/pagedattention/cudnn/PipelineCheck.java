package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * Prints how fast whole batches go through the backend, copies both ways included, by how many are under way at once;
 * where the calling threads' time goes; and what copies and the scan for values that are not finite allow at best.
 */
final class PipelineCheck {
    private static final int BATCHES = 80;
    private static final int TENSOR_BYTES = 32 * 512 * 8 * 64 * 2;
    private static final AttentionSpec SPEC = new AttentionSpec(8, 8, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);
    private static final PagedBatch PAGES =
            PagedBatch.plan(PageLayout.PACKED, 64, Collections.nCopies(32, new SequenceLengths(512, 512)));

    private PipelineCheck() {}

    /** Nanoseconds that a thread spent in each call. */
    private static final class Spent {
        private long open;
        private long start;
        private long await;
        private long close;
    }

    public static void main(String[] args) throws Exception {
        try (CudnnAttention backend = (CudnnAttention) new CudnnBackendProvider().create(BackendSettings.defaults())) {
            limits();
            AttentionProblem problem = new AttentionProblem(SPEC, PAGES, 1);
            for (int[] load : new int[][] {{1, 1}, {1, 3}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 2}, {4, 1}, {4, 2}}) {
                report(backend, problem, load[0], load[1]);
            }
        }
    }

    private static void report(CudnnAttention backend, AttentionProblem problem, int tasks, int inFlight)
            throws Exception {
        fillPools(backend, problem, tasks * inFlight);
        ExecutorService threads = Executors.newFixedThreadPool(tasks);
        long onDevice = backend.metrics().deviceNanos();
        long begin = System.nanoTime();
        Callable<Spent> task = () -> run(backend, inFlight);
        Spent sum = new Spent();
        for (Future<Spent> future : threads.invokeAll(Collections.nCopies(tasks, task))) {
            Spent spent = future.get();
            sum.open += spent.open;
            sum.start += spent.start;
            sum.await += spent.await;
            sum.close += spent.close;
        }
        int batches = tasks * BATCHES;
        double millis = (System.nanoTime() - begin) / 1e6 / batches;
        threads.shutdown();
        System.out.printf(
                "%d tasks, %d in flight each: %.2f ms a batch of %.0f MB, %.1f GB/s in and out; a batch's open %.2f, "
                        + "start %.2f, await %.2f, close %.2f, on the device %.2f ms%n",
                tasks,
                inFlight,
                millis,
                4 * TENSOR_BYTES / 1e6,
                4 * TENSOR_BYTES / 1e6 / millis,
                sum.open / 1e6 / batches,
                sum.start / 1e6 / batches,
                sum.await / 1e6 / batches,
                sum.close / 1e6 / batches,
                (backend.metrics().deviceNanos() - onDevice) / 1e6 / batches);
    }

    /** Leaves real numbers in every pooled buffer. */
    private static void fillPools(CudnnAttention backend, AttentionProblem problem, int batches) {
        Deque<AttentionBatch> running = new ArrayDeque<>();
        for (int i = 0; i < batches; i++) {
            running.add(Gpu.start(backend, SPEC, PAGES, problem));
        }
        running.forEach(AttentionBatch::await);
        running.forEach(AttentionBatch::close);
    }

    private static Spent run(CudnnAttention backend, int inFlight) {
        Spent spent = new Spent();
        Deque<AttentionBatch> running = new ArrayDeque<>();
        for (int i = 0; i < BATCHES; i++) {
            long begin = System.nanoTime();
            AttentionBatch batch = backend.open(SPEC, PAGES, false);
            long opened = System.nanoTime();
            batch.start();
            spent.open += opened - begin;
            spent.start += System.nanoTime() - opened;
            running.add(batch);
            if (running.size() == inFlight) {
                finish(running.remove(), spent);
            }
        }
        running.forEach(batch -> finish(batch, spent));
        return spent;
    }

    private static void finish(AttentionBatch batch, Spent spent) {
        long begin = System.nanoTime();
        batch.await();
        long done = System.nanoTime();
        batch.close();
        spent.await += done - begin;
        spent.close += System.nanoTime() - done;
    }

    /** Copies alone, and the scan alone. */
    private static void limits() {
        SharedDevice device = SharedDevice.acquire(0, GpuLimits.defaults());
        try (MemoryBlock host = device.pinned().acquire(TENSOR_BYTES);
                MemoryBlock memory = device.memory().acquire(TENSOR_BYTES)) {
            Lane lane = device.nextLane();
            for (int round = 0; round < 2; round++) {
                rate("upload", lane, () -> lane.stream().upload(memory.address(), host.address(), TENSOR_BYTES));
                rate("download", lane, () -> lane.stream().download(host.address(), memory.address(), TENSOR_BYTES));
                scan(host.buffer());
            }
        } finally {
            device.release();
        }
    }

    private static void rate(String name, Lane lane, Runnable copy) {
        try (GpuEvent start = GpuEvent.forTiming();
                GpuEvent end = GpuEvent.forTiming()) {
            start.record(lane.stream());
            Collections.nCopies(30, copy).forEach(Runnable::run);
            end.record(lane.stream());
            end.synchronize();
            System.out.printf("%s alone: %.1f GB/s%n", name, 30 * TENSOR_BYTES / 1e6 / end.millisSince(start));
        }
    }

    private static void scan(ByteBuffer buffer) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 60; i++) {
            long begin = System.nanoTime();
            ElementType.FP16.allFinite(buffer, 0, TENSOR_BYTES / ElementType.FP16.bytes());
            best = Math.min(best, System.nanoTime() - begin);
        }
        System.out.printf("scan alone: %.1f GB/s%n", (double) TENSOR_BYTES / best);
    }
}
