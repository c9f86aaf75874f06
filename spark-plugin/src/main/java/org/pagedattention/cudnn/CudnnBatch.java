package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.DeviceBatch;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;

/** One batch on its way over the GPU. */
final class CudnnBatch implements AttentionBatch {
    private enum State {
        OPEN,
        STARTED,
        FAILED,
        DONE,
        CLOSED
    }

    private final SharedDevice device;
    private final AttentionSpec spec;
    private final PagedBatch pages;
    private final @Nullable LaunchPlan plan;
    private final HostInputs inputs;
    private final HostOutputs outputs;
    private final @Nullable NonFiniteRepair repair;
    private @Nullable DeviceBatch running;
    private boolean finite;
    private State state = State.OPEN;

    /**
     * Plans a batch and takes memory for its results.
     *
     * @param repair repairs results that are not finite; null to leave them
     */
    static CudnnBatch open(
            SharedDevice device,
            CudnnOptions options,
            AttentionSpec spec,
            PagedBatch pages,
            boolean wantLse,
            HostInputs inputs,
            @Nullable NonFiniteRepair repair) {
        LaunchPlan plan = LaunchPlan.fromHost(device, options, spec, pages, wantLse);
        HostOutputs outputs = HostOutputs.take(device.pinned(), spec, pages.queryTokens(), wantLse);
        return new CudnnBatch(device, spec, pages, plan, inputs, outputs, repair);
    }

    /**
     * @param plan null when no sequence has a query
     * @param outputs closed with the batch
     */
    CudnnBatch(
            SharedDevice device,
            AttentionSpec spec,
            PagedBatch pages,
            @Nullable LaunchPlan plan,
            HostInputs inputs,
            HostOutputs outputs,
            @Nullable NonFiniteRepair repair) {
        this.device = device;
        this.spec = spec;
        this.pages = pages;
        this.plan = plan;
        this.inputs = inputs;
        this.outputs = outputs;
        this.repair = repair;
    }

    @Override
    public AttentionSpec spec() {
        return spec;
    }

    @Override
    public PagedBatch pages() {
        return pages;
    }

    @Override
    public ByteBuffer queries() {
        return inputs.queries();
    }

    @Override
    public ByteBuffer keys() {
        return inputs.keys();
    }

    @Override
    public ByteBuffer values() {
        return inputs.values();
    }

    @Override
    public void start() {
        require(State.OPEN, "start");
        device.bind();
        running = RunningBatch.start(device, plan, Endpoints.onHost(inputs, outputs, pages.containerTokens()));
        state = State.STARTED;
    }

    @Override
    public AttentionOutput await() {
        if (state != State.DONE) {
            require(State.STARTED, "await");
            state = State.FAILED;
            waitForGpu();
            finite = repair != null && repair.apply(this, output());
            state = State.DONE;
        }
        return output();
    }

    private AttentionOutput output() {
        MemoryBlock lse = outputs.lse();
        return new AttentionOutput(
                outputs.output().buffer(),
                finite,
                lse == null ? null : lse.buffer().asFloatBuffer());
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            device.bind();
            try (outputs) {
                waitForGpu();
            }
        }
    }

    /** Waits until the GPU no longer touches this batch's memory, and gives the device's part back. */
    private void waitForGpu() {
        DeviceBatch batch = running;
        running = null;
        if (batch != null) {
            batch.close();
        }
    }

    private void require(State expected, String call) {
        if (state != expected) {
            throw new IllegalStateException(call + " of a batch that is " + state);
        }
    }
}
