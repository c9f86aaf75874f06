package org.pagedattention.cudnn;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendMetrics;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.backend.DeviceAttention;
import org.pagedattention.backend.DeviceBatch;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.PlanStatistics;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/**
 * Attention on an NVIDIA GPU: whole batches of ragged, paged sequences in one cuDNN call each. Batches overlap: while
 * one computes, the inputs of another travel to the device.
 */
public class CudnnAttention implements DeviceAttention {
    static final String NAME = "cudnn";

    final SharedDevice device;
    final CudnnOptions options;
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
        return open(spec, pages, wantLse, inputs, new NonFiniteRepair(this));
    }

    /**
     * Opens a batch.
     *
     * @param repair repairs results that are not finite; null to leave them as they are, each sequence in a slot of
     *     its own
     */
    CudnnBatch open(
            AttentionSpec spec,
            PagedBatch pages,
            boolean wantLse,
            BatchInputs inputs,
            @Nullable NonFiniteRepair repair) {
        device.bind();
        CudnnOptions how = repair == null ? options.apart() : options;
        return CudnnBatch.open(device, how, spec, pages, wantLse, (HostInputs) inputs, repair);
    }

    /** Builds the plans. */
    @Override
    public void warmUp(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        device.bind();
        new SlotGraphs(device, options, spec, pages, wantLse).warm();
    }

    @Override
    public Optional<DeviceAttention> onDevice() {
        return Optional.of(this);
    }

    @Override
    public DeviceBatch attend(AttentionSpec spec, PagedBatch pages, DeviceTensors tensors) {
        device.bind();
        LaunchPlan plan = LaunchPlan.onDevice(device, options, spec, pages, tensors);
        return RunningBatch.start(device, plan, Endpoints.onDevice(tensors));
    }

    @Override
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

    @Override
    public void freeIdleMemory() {
        device.bind();
        device.memory().trim();
    }

    /** Plans and lanes are shared by the backends of a device, and so are their figures. */
    @Override
    public BackendMetrics metrics() {
        PlanStatistics plans = planStatistics();
        return new BackendMetrics(
                plans.hits(),
                plans.misses(),
                plans.restored(),
                device.copiedBytes(),
                device.uploadedBytes(),
                device.workNanos());
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
}
