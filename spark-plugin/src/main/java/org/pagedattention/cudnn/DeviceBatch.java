package org.pagedattention.cudnn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.gpu.Attempt;
import org.pagedattention.gpu.MemoryBlock;

/** A batch under way whose tensors are the caller's device memory, which must stay until this is closed. */
public final class DeviceBatch implements AutoCloseable {
    private @Nullable InFlight work;
    private final @Nullable MemoryBlock host;
    private final boolean inPlace;
    private final @Nullable SharedDevice device;

    private DeviceBatch(
            @Nullable SharedDevice device, @Nullable InFlight work, @Nullable MemoryBlock host, boolean inPlace) {
        this.device = device;
        this.work = work;
        this.host = host;
        this.inPlace = inPlace;
    }

    static DeviceBatch nothing() {
        return new DeviceBatch(null, null, null, true);
    }

    static DeviceBatch start(SharedDevice device, DevicePlan plan, DeviceTensors tensors) {
        HiddenRows hidden = HiddenRows.of(plan.spec(), plan.pages());
        InFlight work = device.begin(List.of(plan.planned()), plan.block().bytes());
        DeviceLaunch launch = new DeviceLaunch(plan, tensors, work, hidden);
        MemoryBlock host;
        try {
            host = device.pinned().acquire(launch.hostBytes());
        } catch (RuntimeException e) {
            work.close();
            throw e;
        }
        DeviceBatch batch = new DeviceBatch(device, work, host, plan.inPlace());
        Attempt.orUndo(() -> enqueue(device, launch, host, work), batch::close);
        return batch;
    }

    private static void enqueue(SharedDevice device, DeviceLaunch launch, MemoryBlock host, InFlight work) {
        Lane lane = device.nextLane();
        synchronized (lane) {
            work.launch(
                    lane.stream(), () -> launch.enqueue(lane, host, new SdpaSupport(device.version()).maskedScore()));
        }
    }

    /** Whether cuDNN worked on the caller's tensors; otherwise they were copied within the device first. */
    public boolean inPlace() {
        return inPlace;
    }

    /** Waits until the results are written. */
    @Override
    public void close() {
        InFlight running = work;
        work = null;
        if (device != null && running != null && host != null) {
            device.bind();
            try (host;
                    running) {
                device.worked(running.await());
            }
        }
    }
}
