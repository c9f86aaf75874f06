package org.pagedattention.cudnn;

import java.util.HashMap;
import java.util.Map;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;

/** Puts one batch on a lane: inputs to the device, attention, outputs back. Only enqueues; waits for nothing. */
final class Launch {
    private static final int NAN_BYTE = 0xff;

    private final BatchPlan plan;
    private final BatchPlan.Execution execution;
    private final HostInputs inputs;
    private final HostBuffers host;
    private final ExecutionPlan compiled;
    private final MemoryBlock memory;
    private final HeadDims dims;

    Launch(BatchPlan plan, BatchPlan.Execution execution, HostInputs inputs, HostBuffers host, InFlight work) {
        this.plan = plan;
        this.execution = execution;
        this.inputs = inputs;
        this.host = host;
        compiled = work.plan(execution.shape());
        memory = work.memory();
        dims = new HeadDims(execution.shape().headDim(), execution.shape().valueDim());
    }

    /**
     * Enqueues the batch.
     *
     * @param tables the host's copy of the launch tables
     */
    void enqueue(Lane lane, MemoryBlock tables, float maskedScore) {
        GpuStream stream = lane.stream();
        execution.tables().write(tables.buffer(), maskedScore);
        stream.upload(tablesAddress(), tables.address(), execution.tables().deviceBytes());
        upload(stream);
        if (plan.options().poisonOutputs()) {
            poison(stream);
        }
        Map<TensorId, Long> addresses = new HashMap<>();
        execution.device().resolve(memory.address(), addresses);
        execution.tables().resolve(tables.address(), tablesAddress(), addresses);
        long workspace = memory.address() + execution.workspaceAt();
        try (ExecutionPlan.Arguments arguments = compiled.bind(lane.scratch(), addresses, workspace)) {
            arguments.launch(lane.handle());
        }
        download(stream);
    }

    private void upload(GpuStream stream) {
        AttentionSpec spec = plan.spec();
        long queryRows = (long) plan.pages().queryTokens() * spec.queryHeads();
        uploadRows(stream, SdpaTensor.QUERIES, inputs.queryBlock(), queryRows, queryRows, spec.headDim(), dims.head());
        ContainerExtent extent = ContainerExtent.of(plan.pages());
        long rows = (long) extent.tokens() * spec.kvHeads();
        long allRows = extent.allTokens() * spec.kvHeads();
        uploadRows(stream, SdpaTensor.KEYS, inputs.keyBlock(), rows, allRows, spec.headDim(), dims.head());
        uploadRows(stream, SdpaTensor.VALUES, inputs.valueBlock(), rows, allRows, spec.valueDim(), dims.value());
    }

    /** Copies {@code rows} heads and zeroes what the device has beyond them: the ends of rows, and further rows. */
    private void uploadRows(
            GpuStream stream, SdpaTensor id, MemoryBlock source, long rows, long allRows, int elements, int padded) {
        long from = (long) elements * plan.spec().type().bytes();
        long to = (long) padded * plan.spec().type().bytes();
        long target = address(id);
        long clean = elements == padded ? rows : 0;
        stream.fill(target + clean * to, 0, (allRows - clean) * to);
        stream.uploadRows(target, to, source.address(), from, rows);
    }

    private void download(GpuStream stream) {
        AttentionSpec spec = plan.spec();
        long rows = (long) plan.pages().queryTokens() * spec.queryHeads();
        long elementBytes = spec.type().bytes();
        stream.downloadRows(
                host.output().address(),
                address(SdpaTensor.OUTPUT),
                dims.value() * elementBytes,
                spec.valueDim() * elementBytes,
                rows);
        if (host.lse() != null) {
            stream.download(host.lse().address(), address(SdpaTensor.LSE), rows * Float.BYTES);
        }
    }

    private void poison(GpuStream stream) {
        host.poisonOutputs();
        long rows = (long) plan.pages().queryTokens() * plan.spec().queryHeads();
        stream.fill(
                address(SdpaTensor.OUTPUT),
                NAN_BYTE,
                rows * dims.value() * plan.spec().type().bytes());
        stream.fill(address(SdpaTensor.LSE), NAN_BYTE, rows * Float.BYTES);
    }

    private long tablesAddress() {
        return memory.address() + execution.tablesAt();
    }

    private long address(SdpaTensor id) {
        return memory.address() + execution.device().offset(id);
    }
}
