package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.KeepBudget;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.ModelType;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Weight;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/**
 * Whole models on an NVIDIA GPU: weights and activations in 16 bits, sums in fp32, every operation a cuDNN graph. A linear
 * layer computes in the type that its weight is held in: the one asked for, else the checkpoint's, and fp16 for fp32 unless a
 * number is too large for it.
 */
public final class CudnnModels implements ModelBackend {
    private static final System.Logger LOG = System.getLogger(CudnnModels.class.getName());

    /** More do not make a GPU faster. */
    private static final int MOST_TOKENS = 65_536;

    private static final int FEWEST_TOKENS = 512;

    /** Of the memory beside weights, passes keep one byte in so many for later ones. */
    private static final int KEPT_PART = 4;

    private final String name;
    private final SharedDevice device;
    private final Attention attention;
    private final RowBuckets buckets;
    private final WeightStore weights;
    private final Constants constants;
    /** Writes passes down that only prepare. */
    private final ExecutorService ahead = Executors.newSingleThreadExecutor(CudnnModels::thread);

    private final KeepBudget keeping;
    private boolean open = true;

    /**
     * @param device one use of it, which {@link #close} releases
     * @param deterministic whether a row gets the same bits in batches of any size
     * @param type of 16 bits, or what suits a checkpoint
     */
    public CudnnModels(String name, SharedDevice device, Attention attention, boolean deterministic, ModelType type) {
        this.name = name;
        this.device = device;
        this.attention = attention;
        buckets = deterministic ? RowBuckets.STEADY : RowBuckets.FAST;
        device.bind();
        weights = new WeightStore(device, type);
        keeping = new KeepBudget(() -> (device.memoryBudget() - weights.heldBytes()) / KEPT_PART);
        constants = new Constants(device);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Weight hold(ElementType type, Shape shape, ByteBuffer bytes) {
        device.bind();
        return weights.hold(new WeightForm(type, shape, bytes));
    }

    @Override
    public Weight holdTable(StoredRows rows, float factor) {
        device.bind();
        return weights.table(rows, factor);
    }

    @Override
    public long heldBytes() {
        return weights.heldBytes();
    }

    @Override
    public long keptBytes() {
        return keeping.taken();
    }

    /** As many as all batches that may be on the device at once find room for, beside the weights held by now. */
    @Override
    public int passTokens() {
        long free = device.memoryBudget() - weights.heldBytes();
        // what goes into a layer and comes out of it, and as much again for what waits meanwhile
        long bytesOfToken = 4L * weights.widest();
        long most = free / device.concurrentBatches() / bytesOfToken;
        int tokens = MOST_TOKENS;
        while (tokens > FEWEST_TOKENS && tokens > most) {
            tokens /= 2;
        }
        return tokens;
    }

    @Override
    public boolean worksByItself() {
        return true;
    }

    @Override
    public Pass begin(PagedBatch pages, @Nullable KeptTokens past) {
        if (pages.layout() != PageLayout.PACKED || pages.pageSize() > Recipe.SLACK_ROWS) {
            throw new IllegalArgumentException("a pass on a GPU takes packed pages of up to " + Recipe.SLACK_ROWS
                    + " tokens, not " + pages.layout() + " ones of " + pages.pageSize());
        }
        return pass(pages, (CudnnKept) past, false);
    }

    private CudnnPass pass(PagedBatch pages, @Nullable CudnnKept past, boolean onlyPrepares) {
        Recipe recipe = new Recipe(device, buckets, onlyPrepares);
        return new CudnnPass(recipe, pages, attention, constants, past, keeping);
    }

    @Override
    public void prepare(PagedBatch pages, Consumer<Pass> work) {
        ahead.execute(() -> {
            device.bind();
            try (Pass pass = pass(pages, null, true)) {
                work.accept(pass);
            } catch (RuntimeException e) {
                // whoever needs such a pass will learn of it; nobody may, or the model is closed already
                LOG.log(System.Logger.Level.DEBUG, "plans for " + pages.queryTokens() + " tokens were not prepared", e);
            }
        });
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            stopPreparing();
            device.bind();
            constants.close();
            device.release();
        }
    }

    private void stopPreparing() {
        ahead.shutdownNow();
        try {
            while (!ahead.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.DEBUG, "waiting for plans that are being prepared");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "cudnn-ahead");
        thread.setDaemon(true);
        return thread;
    }
}
