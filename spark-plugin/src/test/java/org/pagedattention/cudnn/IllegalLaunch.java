package org.pagedattention.cudnn;

import java.util.HashMap;
import java.util.Map;
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
        BatchPlan plan = BatchPlan.of(device, new CudnnOptions(false, false, false), spec, pages, false);
        BatchPlan.Execution execution = plan.execution();
        MemoryBlock memory = device.memory().acquire(execution.device().bytes());
        MemoryBlock tables = device.pinned().acquire(execution.tables().hostBytes());
        execution.tables().write(tables.buffer(), Float.NEGATIVE_INFINITY);
        long tablesAt = memory.address() + execution.tablesAt();
        Lane lane = device.nextLane();
        synchronized (lane) {
            lane.stream().upload(tablesAt, tables.address(), execution.tables().deviceBytes());
            Map<TensorId, Long> addresses = new HashMap<>();
            execution.device().resolve(memory.address(), addresses);
            execution.tables().resolve(tables.address(), tablesAt, addresses);
            addresses.put(SdpaTensor.KEYS, NOWHERE);
            addresses.put(SdpaTensor.VALUES, NOWHERE);
            device.plans()
                    .acquire(execution.planned())
                    .bind(lane.scratch(), addresses, memory.address() + execution.workspaceAt())
                    .launch(lane.handle());
            lane.stream().synchronize();
        }
    }
}
