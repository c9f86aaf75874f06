package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.KeepBudget;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.RowTable;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** Whole models in fp32 on the threads of whoever runs a pass, and on as many helpers as the settings allow. */
public final class CpuModels implements ModelBackend {
    /** Their activations lie in the caches of a core. */
    private static final int PASS_TOKENS = 1024;

    /** Passes keep one byte of the heap in so many. */
    private static final int KEPT_PART = 8;

    private final AttentionKernel kernel;
    private final DenseKernel dense;
    private final ExecutorService helpers = CpuAttention.helperThreads();
    private final Crew crew;
    private final BufferPool buffers = new BufferPool();
    private final Queue<AttentionKernel.Worker> idleWorkers = new ConcurrentLinkedQueue<>();
    private final Queue<DenseWorker> idleDense = new ConcurrentLinkedQueue<>();
    private final AtomicLong held = new AtomicLong();
    private final KeepBudget keeping;
    private volatile boolean closed;

    /**
     * @throws IllegalStateException when the settings name a kernel that cannot be had here
     * @throws IllegalArgumentException when they name one that does not exist
     */
    public CpuModels(BackendSettings settings) {
        this(settings, Runtime.getRuntime().maxMemory() / KEPT_PART);
    }

    /**
     * One that keeps more or less than it would.
     *
     * @param mostKept bytes of keys and values that all passes together keep for later ones
     */
    public CpuModels(BackendSettings settings, long mostKept) {
        this(settings.threads(), KernelChoice.kernel(settings.kernel()), mostKept);
    }

    private CpuModels(int threads, AttentionKernel kernel, long mostKept) {
        this.kernel = kernel;
        keeping = new KeepBudget(() -> mostKept);
        dense = kernel.dense();
        crew = new Crew(threads, helpers);
    }

    @Override
    public String name() {
        return CpuAttention.NAME;
    }

    @Override
    public Weight hold(ElementType type, Shape shape, ByteBuffer bytes) {
        requireOpen();
        if (bytes.remaining() != shape.elements() * type.bytes()) {
            throw new IllegalArgumentException(
                    bytes.remaining() + " bytes for a tensor " + shape + " of " + type + " are not its size");
        }
        return new CpuWeight(type, shape, bytes, dense, held);
    }

    /** Tokens read their rows from where the checkpoint is mapped. */
    @Override
    public Weight holdTable(StoredRows rows, float factor) {
        return new RowTable(rows, factor);
    }

    @Override
    public long heldBytes() {
        return held.get();
    }

    @Override
    public long keptBytes() {
        return keeping.taken();
    }

    @Override
    public int passTokens() {
        return PASS_TOKENS;
    }

    @Override
    public Pass begin(PagedBatch pages, @Nullable KeptTokens past) {
        requireOpen();
        return new CpuPass(this, pages, buffers, new CpuHistory(buffers, (CpuKept) past));
    }

    /** Room for tokens that a pass leaves to later ones. */
    CpuKept kept(int[] slots) {
        return new CpuKept(slots, keeping);
    }

    Crew crew() {
        return crew;
    }

    DenseKernel dense() {
        return dense;
    }

    /** Does blocks of {@link DenseWorker#ROWS} rows, on all threads of the crew. */
    void compute(int rows, BlockWork work) {
        crew.share(DenseWorker.blocks(rows), next -> {
            DenseWorker idle = idleDense.poll();
            DenseWorker worker = idle == null ? new DenseWorker(dense) : idle;
            try {
                for (int block = next.getAsInt(); block >= 0; block = next.getAsInt()) {
                    work.compute(worker, block);
                }
            } finally {
                idleDense.add(worker);
            }
        });
    }

    interface BlockWork {
        void compute(DenseWorker worker, int block);
    }

    void attend(BatchTensors tensors) {
        BatchRun run = new BatchRun(tensors, kernel, crew.threads(), idleWorkers);
        run.help(crew.threads() - 1, helpers);
        run.finish();
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
}
