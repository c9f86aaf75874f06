package org.pagedattention.cudnn;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.DeviceBatch;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.gpu.Attempt;
import org.pagedattention.gpu.MemoryBlock;

/** A batch under way on the device, wherever its tensors come from; they must stay until this is closed. */
final class RunningBatch implements DeviceBatch {
    private final SharedDevice device;
    private final boolean inPlace;
    private final MemoryBlock host;
    private @Nullable InFlight work;

    /** Nothing to do, and so done. */
    private record Nothing() implements DeviceBatch {
        @Override
        public boolean inPlace() {
            return true;
        }

        @Override
        public void close() {}
    }

    private RunningBatch(SharedDevice device, boolean inPlace, MemoryBlock host, InFlight work) {
        this.device = device;
        this.inPlace = inPlace;
        this.host = host;
        this.work = work;
    }

    /**
     * Takes a place on the device and what memory the batch needs there, and starts it.
     *
     * @param plan null when there is nothing to run
     */
    static DeviceBatch start(SharedDevice device, @Nullable LaunchPlan plan, Endpoints ends) {
        if (plan == null) {
            return new Nothing();
        }
        MemoryBlock host = device.pinned().acquire(plan.hostBytes());
        InFlight work;
        try {
            work = device.begin(plan.planned(), plan.block().bytes());
        } catch (RuntimeException | Error e) {
            host.close();
            throw e;
        }
        RunningBatch batch = new RunningBatch(device, plan.inPlace(), host, work);
        Launch launch = new Launch(plan, ends, work, host);
        Attempt.orUndo(() -> enqueue(device, launch, work), batch::close);
        return batch;
    }

    private static void enqueue(SharedDevice device, Launch launch, InFlight work) {
        float maskedScore = new SdpaSupport(device.version()).maskedScore();
        Lane lane = device.nextLane();
        synchronized (lane) {
            work.launch(lane.stream(), () -> launch.enqueue(lane, maskedScore));
        }
    }

    @Override
    public boolean inPlace() {
        return inPlace;
    }

    @Override
    public void close() {
        InFlight running = work;
        work = null;
        if (running != null) {
            device.bind();
            try (host;
                    running) {
                device.worked(running.await());
            }
        }
    }
}
