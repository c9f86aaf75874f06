package org.pagedattention.cudnn;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;

/** A launch that reads keys where no memory is. */
final class IllegalLaunch {
    private static final long NOWHERE = 0x10_0000;

    private IllegalLaunch() {}

    static void run(SharedDevice device, AttentionSpec spec, PagedBatch pages) {
        LaunchPlan plan = Objects.requireNonNull(
                LaunchPlan.fromHost(device, new CudnnOptions(Packing.When.NEVER, false), spec, pages, false));
        MemoryBlock memory = device.memory().acquire(plan.block().bytes());
        MemoryBlock tables = device.pinned().acquire(plan.hostBytes());
        LaunchPlan.Part part = plan.parts().get(0);
        part.tables().write(tables.buffer(), Float.NEGATIVE_INFINITY);
        long tablesAt = memory.address() + part.tablesAt();
        Lane lane = device.nextLane();
        synchronized (lane) {
            lane.stream().upload(tablesAt, tables.address(), part.tables().deviceBytes());
            Map<TensorId, Long> addresses = new HashMap<>();
            plan.block().resolve(memory.address(), addresses);
            part.tables().resolve(tables.address(), tablesAt, addresses);
            addresses.put(SdpaTensor.KEYS, NOWHERE);
            addresses.put(SdpaTensor.VALUES, NOWHERE);
            device.plans()
                    .acquire(part.planned())
                    .bind(lane.scratch(), addresses, memory.address() + part.workspaceAt())
                    .launch(lane.handle());
            lane.stream().synchronize();
        }
    }
}
