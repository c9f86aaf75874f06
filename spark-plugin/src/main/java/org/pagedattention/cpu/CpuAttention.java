package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/**
 * Paged attention on the CPU. Each batch is computed by the thread that awaits it and by {@code threads - 1} helpers;
 * helpers and memory are shared by all batches and used again.
 */
public final class CpuAttention implements AttentionBackend {
    static final String NAME = "cpu";

    private final int threads;
    private final AttentionKernel kernel;
    private final ExecutorService helpers = helperThreads();
    private final BufferPool buffers = new BufferPool();
    private final Queue<AttentionKernel.Worker> idleWorkers = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /**
     * @throws IllegalStateException when the settings name a kernel that cannot be had here
     * @throws IllegalArgumentException when they name one that does not exist
     */
    public CpuAttention(BackendSettings settings) {
        this(settings.threads(), KernelChoice.kernel(settings.kernel()));
    }

    CpuAttention(int threads, AttentionKernel kernel) {
        this.threads = threads;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean supports(ElementType type) {
        return true;
    }

    @Override
    public int scoreExponent() {
        return Float.MAX_EXPONENT - 1;
    }

    @Override
    public BatchInputs inputs(AttentionSpec spec, int queryTokens, int containerTokens) {
        requireOpen();
        return CpuInputs.take(buffers, spec, queryTokens, containerTokens);
    }

    @Override
    public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs) {
        requireOpen();
        int output = CpuInputs.bytes("O", pages.queryTokens(), spec.outputElements(), spec.type());
        ByteBuffer lse = wantLse
                ? buffers.take(CpuInputs.bytes("LSE", pages.queryTokens(), spec.queryHeads(), ElementType.FP32))
                : null;
        BatchTensors tensors = new BatchTensors(
                spec,
                pages,
                inputs.queries(),
                inputs.keys(),
                inputs.values(),
                buffers.take(output),
                lse == null ? null : lse.asFloatBuffer());
        return new CpuBatch(this, tensors, lse, new BatchRun(tensors, kernel, threads, idleWorkers));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the CPU backend is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        helpers.shutdown();
    }

    void help(BatchRun run) {
        run.help(threads - 1, helpers);
    }

    void release(BatchTensors tensors, @Nullable ByteBuffer lse) {
        buffers.give(tensors.output());
        if (lse != null) {
            buffers.give(lse);
        }
    }

    /** Made when needed: a batch that runs beside others has helpers of its own; idle ones go after a while. */
    static ExecutorService helperThreads() {
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, "paged-attention-cpu");
            thread.setDaemon(true);
            return thread;
        });
    }
}
