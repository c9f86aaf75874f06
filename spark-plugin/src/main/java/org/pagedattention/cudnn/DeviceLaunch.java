package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;

/** Puts a batch whose tensors are in device memory on a lane. Only enqueues; waits for nothing. */
final class DeviceLaunch {
    private final DevicePlan plan;
    private final DeviceTensors tensors;
    private final ExecutionPlan compiled;
    private final MemoryBlock block;
    private final HiddenRows hidden;

    /**
     * @param work device memory as the plan asks for it, and the compiled graph
     */
    DeviceLaunch(DevicePlan plan, DeviceTensors tensors, InFlight work, HiddenRows hidden) {
        this.plan = plan;
        this.tensors = tensors;
        compiled = work.plan(plan.shape());
        block = work.memory();
        this.hidden = hidden;
    }

    /**
     * Enqueues the batch.
     *
     * @param host pinned memory for {@link #hostBytes}
     */
    void enqueue(Lane lane, MemoryBlock host, float maskedScore) {
        GpuStream stream = lane.stream();
        ByteBuffer buffer = host.buffer();
        plan.tables().write(buffer, maskedScore);
        stream.upload(
                block.address() + plan.tablesAt(), host.address(), plan.tables().deviceBytes());
        Map<TensorId, Long> addresses = new HashMap<>();
        plan.tables().resolve(host.address(), block.address() + plan.tablesAt(), addresses);
        if (plan.inPlace()) {
            addresses.put(SdpaTensor.QUERIES, tensors.queries());
            addresses.put(SdpaTensor.KEYS, tensors.keys());
            addresses.put(SdpaTensor.VALUES, tensors.values());
            addresses.put(SdpaTensor.OUTPUT, tensors.output());
            addresses.put(SdpaTensor.LSE, tensors.lse());
        } else {
            plan.block().resolve(block.address(), addresses);
            copyIn(stream);
        }
        long workspace = block.address() + plan.workspaceAt();
        try (ExecutionPlan.Arguments arguments = compiled.bind(lane.scratch(), addresses, workspace)) {
            arguments.launch(lane.handle());
        }
        if (!plan.inPlace()) {
            copyOut(stream);
        }
        hidden.clear(stream, tensors, buffer, host.address(), plan.tables().hostBytes());
    }

    long hostBytes() {
        return plan.tables().hostBytes() + hidden.hostBytes();
    }

    private void copyIn(GpuStream stream) {
        AttentionSpec spec = plan.spec();
        int head = plan.shape().headDim();
        int value = plan.shape().valueDim();
        long queryRows = (long) plan.pages().queryTokens() * spec.queryHeads();
        copyIn(stream, SdpaTensor.QUERIES, tensors.queries(), queryRows, queryRows, spec.headDim(), head);
        ContainerExtent extent = ContainerExtent.of(plan.pages());
        long rows = Math.min(extent.tokens(), tensors.slots()) * spec.kvHeads();
        long allRows = extent.allTokens() * spec.kvHeads();
        copyIn(stream, SdpaTensor.KEYS, tensors.keys(), rows, allRows, spec.headDim(), head);
        copyIn(stream, SdpaTensor.VALUES, tensors.values(), rows, allRows, spec.valueDim(), value);
    }

    private void copyIn(
            GpuStream stream, SdpaTensor id, long source, long rows, long allRows, int elements, int padded) {
        long from = (long) elements * plan.spec().type().bytes();
        long to = (long) padded * plan.spec().type().bytes();
        long target = block.address() + plan.block().offset(id);
        long clean = elements == padded ? rows : 0;
        stream.fill(target + clean * to, 0, (allRows - clean) * to);
        stream.copyRowsOnDevice(target, to, source, from, from, rows);
    }

    private void copyOut(GpuStream stream) {
        AttentionSpec spec = plan.spec();
        long rows = (long) plan.pages().queryTokens() * spec.queryHeads();
        long bytes = (long) spec.valueDim() * spec.type().bytes();
        long pitch = (long) plan.shape().valueDim() * spec.type().bytes();
        long output = block.address() + plan.block().offset(SdpaTensor.OUTPUT);
        stream.copyRowsOnDevice(tensors.output(), bytes, output, pitch, bytes, rows);
        if (tensors.wantsLse()) {
            long lse = block.address() + plan.block().offset(SdpaTensor.LSE);
            stream.copyOnDevice(tensors.lse(), lse, rows * Float.BYTES);
        }
    }
}
