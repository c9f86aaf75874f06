package org.pagedattention.cudnn;

import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendMetrics;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.PlanStatistics;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/**
 * Attention on an NVIDIA GPU: whole batches of ragged, paged sequences in one cuDNN call each. Batches overlap: while
 * one computes, the inputs of another travel to the device.
 */
public final class CudnnAttention implements AttentionBackend {
    static final String NAME = "cudnn";

    private final SharedDevice device;
    private final CudnnOptions options;
    private boolean open = true;

    /**
     * Fused kernels subtract the rounded largest score from others before they are rounded. Above this, what the rounding
     * is off by makes weights, which are held in 16 bits, too small or too large for them, all of a query's alike.
     */
    private static final int SCORE_EXPONENT = 26;

    CudnnAttention(BackendSettings settings, CudnnOptions options) {
        this.options = options;
        device = SharedDevice.acquire(settings.device(), settings.gpu());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean supports(ElementType type) {
        return SdpaSupport.attends(type);
    }

    @Override
    public int scoreExponent() {
        return SCORE_EXPONENT;
    }

    @Override
    public BatchInputs inputs(AttentionSpec spec, int queryTokens, int containerTokens) {
        device.bind();
        return HostInputs.take(device.pinned(), spec, queryTokens, containerTokens);
    }

    @Override
    public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs) {
        device.bind();
        BatchPlan plan = BatchPlan.of(device, options, spec, pages, wantLse);
        return new CudnnBatch(device, plan, (HostInputs) inputs, false, new Isolation(this));
    }

    @Override
    public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        return openBatch(spec, pages, wantLse, new Isolation(this));
    }

    /** Builds the plans. */
    @Override
    public void warmUp(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        device.bind();
        BatchPlan.warm(device, options, spec, pages, wantLse);
    }

    /**
     * Starts attention over tensors that are in device memory already; nothing passes through the host.
     *
     * <p>Queries that see no key get what the contract says. Results that are not finite stay: whoever put the tensors
     * there knows how to find out which row spoiled them.
     *
     * @param tensors ready to be read: whatever writes them has ended
     * @throws IllegalArgumentException when this backend cannot compute {@code spec}
     */
    public DeviceBatch attend(AttentionSpec spec, PagedBatch pages, DeviceTensors tensors) {
        device.bind();
        DevicePlan plan = DevicePlan.of(device, options, spec, pages, tensors);
        return plan == null ? DeviceBatch.nothing() : DeviceBatch.start(device, plan, tensors);
    }

    /** Index of the device, as CUDA counts the visible ones. */
    public int deviceIndex() {
        return device.gpu().index();
    }

    /** What the plan cache of this backend's device did so far. */
    public PlanStatistics planStatistics() {
        return device.plans().statistics();
    }

    /** Device memory that batches hold, and that waits for the next. */
    public MemoryPool.Usage deviceMemory() {
        return device.memory().usage();
    }

    /** Gives device memory back that waits for the next batch. */
    public void freeIdleMemory() {
        device.bind();
        device.memory().trim();
    }

    /** Pinned host memory that batches hold, and that waits for the next. */
    public MemoryPool.Usage pinnedMemory() {
        return device.pinned().usage();
    }

    /** Plans and lanes are shared by the backends of a device, and so are their figures. */
    @Override
    public BackendMetrics metrics() {
        PlanStatistics plans = planStatistics();
        return new BackendMetrics(plans.hits(), plans.misses(), device.copiedBytes(), device.workNanos());
    }

    @Override
    public void bindThread() {
        device.bind();
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            device.release();
        }
    }

    /**
     * Opens a batch with inputs of its own.
     *
     * @param isolation repairs results that are not finite; null to leave them as they are
     */
    CudnnBatch openBatch(AttentionSpec spec, PagedBatch pages, boolean wantLse, @Nullable Isolation isolation) {
        device.bind();
        BatchPlan plan = BatchPlan.of(device, options, spec, pages, wantLse);
        HostInputs inputs = HostInputs.take(device.pinned(), spec, pages.queryTokens(), pages.containerTokens());
        try {
            return new CudnnBatch(device, plan, inputs, true, isolation);
        } catch (RuntimeException e) {
            inputs.close();
            throw e;
        }
    }
}
