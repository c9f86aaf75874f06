package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
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
    private final BatchPlan plan;
    private final @Nullable Isolation isolation;
    private final HostInputs inputs;
    private final boolean ownsInputs;
    private final HostBuffers host;
    private @Nullable InFlight inFlight;
    private boolean finite;
    private State state = State.OPEN;

    /**
     * @param ownsInputs whether they are closed with the batch
     * @param isolation repairs results that are not finite; null to leave them
     */
    CudnnBatch(
            SharedDevice device, BatchPlan plan, HostInputs inputs, boolean ownsInputs, @Nullable Isolation isolation) {
        this.device = device;
        this.plan = plan;
        this.inputs = inputs;
        this.ownsInputs = ownsInputs;
        this.isolation = isolation;
        host = HostBuffers.allocate(device.pinned(), plan);
    }

    @Override
    public AttentionSpec spec() {
        return plan.spec();
    }

    @Override
    public PagedBatch pages() {
        return plan.pages();
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
        BatchPlan.Execution execution = plan.execution();
        if (execution != null && host.tables() != null) {
            device.bind();
            launch(execution, host.tables());
        }
        state = State.STARTED;
    }

    private void launch(BatchPlan.Execution execution, MemoryBlock tables) {
        InFlight work =
                device.begin(List.of(execution.planned()), execution.device().bytes());
        inFlight = work;
        Lane lane = device.nextLane();
        synchronized (lane) {
            Launch launch = new Launch(plan, execution, inputs, host, work);
            work.launch(
                    lane.stream(), () -> launch.enqueue(lane, tables, new SdpaSupport(device.version()).maskedScore()));
        }
    }

    @Override
    public AttentionOutput await() {
        if (state != State.DONE) {
            require(State.STARTED, "await");
            state = State.FAILED;
            waitForGpu();
            AttentionOutput output = output();
            HiddenQueries.clear(plan.spec(), plan.pages(), output);
            finite = isolation != null && isolation.repair(this, output);
            state = State.DONE;
        }
        return output();
    }

    private AttentionOutput output() {
        MemoryBlock lse = host.lse();
        return new AttentionOutput(
                host.output().buffer(),
                finite,
                lse == null ? null : lse.buffer().asFloatBuffer());
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            try {
                waitForGpu();
            } finally {
                host.close();
                if (ownsInputs) {
                    inputs.close();
                }
            }
        }
    }

    /** Waits until the GPU no longer touches this batch's memory, and gives the device's part back. */
    private void waitForGpu() {
        device.bind();
        try (InFlight work = inFlight) {
            inFlight = null;
            if (work != null) {
                device.worked(work.await());
            }
        }
    }

    private void require(State expected, String call) {
        if (state != expected) {
            throw new IllegalStateException(call + " of a batch that is " + state);
        }
    }
}
