package org.pagedattention.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.pagedattention.attention.AttentionSpec;

/** One batch's row blocks, handed out one at a time to every thread that takes part. */
final class BatchRun {
    private final BatchTensors tensors;
    private final RowBlocks blocks;
    private final AttentionKernel kernel;
    private final Queue<AttentionKernel.Worker> idleWorkers;
    private final AtomicLong next = new AtomicLong();
    private final List<CompletableFuture<Void>> helpers = new ArrayList<>();

    BatchRun(BatchTensors tensors, AttentionKernel kernel, int threads, Queue<AttentionKernel.Worker> idleWorkers) {
        this.tensors = tensors;
        this.kernel = kernel;
        this.idleWorkers = idleWorkers;
        AttentionSpec spec = tensors.spec();
        blocks = RowBlocks.forThreads(threads, spec, tensors.pages(), kernel.blockRows(spec));
    }

    /** Sets {@code count} threads of {@code executor} to work, fewer when there is less to do. */
    void help(int count, Executor executor) {
        for (int i = 0; i < Math.min(count, blocks.count() - 1); i++) {
            helpers.add(CompletableFuture.runAsync(this::work, executor));
        }
    }

    /** Works along until all blocks are done; rethrows what went wrong on any thread. */
    void finish() {
        try {
            work();
        } finally {
            cancel();
        }
    }

    /** Hands out no more blocks and waits for those that are being worked on. */
    void cancel() {
        next.set(blocks.count());
        try {
            CompletableFuture.allOf(helpers.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("CPU attention failed on a helper thread: " + e.getCause(), e.getCause());
        } finally {
            helpers.clear();
        }
    }

    private void work() {
        AttentionKernel.Worker worker = idleWorkers.poll();
        if (worker == null) {
            worker = kernel.newWorker();
        }
        try {
            for (long index = next.getAndIncrement(); index < blocks.count(); index = next.getAndIncrement()) {
                worker.attend(tensors, blocks.block(index));
            }
        } finally {
            idleWorkers.add(worker);
        }
    }
}
