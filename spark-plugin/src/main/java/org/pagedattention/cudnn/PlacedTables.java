package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;

/**
 * The tables of a batch's launches, placed in memory of both sides: sent once, used by any number of launches.
 *
 * @param host pinned memory, of which the plan's {@link LaunchPlan#hostBytes} from {@code hostAt} on are free
 * @param device address of device memory as large as the plan's block
 */
record PlacedTables(LaunchPlan plan, MemoryBlock host, long hostAt, long device) {

    /**
     * Writes the tables and enqueues their copies.
     *
     * @param maskedScore what stands for minus infinity
     */
    void send(GpuStream stream, float maskedScore) {
        for (LaunchPlan.Part part : plan.parts()) {
            part.tables().write(onHost(part), maskedScore);
            long bytes = part.tables().deviceBytes();
            stream.upload(device + part.tablesAt(), host.address() + hostAt + part.hostAt(), bytes);
        }
    }

    /**
     * Enqueues attention.
     *
     * @param work has the graphs
     * @param tensors addresses of Q, K, V and what else the graphs name
     */
    void attend(Lane lane, InFlight work, Map<TensorId, Long> tensors) {
        for (LaunchPlan.Part part : plan.parts()) {
            Map<TensorId, Long> addresses = new HashMap<>(tensors);
            long onHost = host.address() + hostAt + part.hostAt();
            part.tables().resolve(onHost, device + part.tablesAt(), addresses);
            ExecutionPlan compiled = work.plan(part.planned().key());
            try (ExecutionPlan.Arguments arguments =
                    compiled.bind(lane.scratch(), addresses, device + part.workspaceAt())) {
                arguments.launch(lane.handle());
            }
        }
    }

    /** Enqueues what queries without a key get; parameters as for {@link HiddenQueries#clear}. */
    void clearHidden(GpuStream stream, long output, long headBytes, long lse) {
        plan.hidden().clear(stream, output, headBytes, lse, host, hostAt + plan.hiddenAt());
    }

    private ByteBuffer onHost(LaunchPlan.Part part) {
        int bytes = Math.toIntExact(part.tables().hostBytes());
        return host.buffer()
                .slice(Math.toIntExact(hostAt + part.hostAt()), bytes)
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
