package org.pagedattention.cudnn;

import java.util.HashMap;
import java.util.Map;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;

/**
 * Puts one batch on a lane: its tensors to where the graph wants them, attention, the results to where they belong. Only
 * enqueues; waits for nothing.
 */
final class Launch {
    private final LaunchPlan plan;
    private final Endpoints ends;
    private final InFlight work;
    private final PlacedTables tables;
    private final HeadDims dims;
    private final Map<TensorId, Long> tensors = new HashMap<>();

    /**
     * @param ends where tensors come from and results go
     * @param work the plan's graphs, and device memory as the plan asks for it
     * @param host pinned memory as the plan asks for it
     */
    Launch(LaunchPlan plan, Endpoints ends, InFlight work, MemoryBlock host) {
        this.plan = plan;
        this.ends = ends;
        this.work = work;
        tables = new PlacedTables(plan, host, 0, work.memory().address());
        dims = plan.shape().headDims();
        if (plan.inPlace()) {
            ends.resolve(tensors);
        } else {
            plan.block().resolve(work.memory().address(), tensors);
        }
    }

    /**
     * Enqueues the batch.
     *
     * @param maskedScore what stands for minus infinity
     */
    void enqueue(Lane lane, float maskedScore) {
        GpuStream stream = lane.stream();
        tables.send(stream, maskedScore);
        if (!plan.inPlace()) {
            copyIn(stream);
        }
        tables.attend(lane, work, tensors);
        clearHidden(stream);
        if (!plan.inPlace()) {
            copyOut(stream);
        }
    }

    private void copyIn(GpuStream stream) {
        AttentionSpec spec = plan.spec();
        long queryRows = queryRows();
        copyIn(stream, SdpaTensor.QUERIES, ends.queries(), queryRows, queryRows, spec.headDim(), dims.head());
        ContainerExtent extent = ContainerExtent.of(plan.pages());
        long rows = Math.min(extent.tokens(), ends.slots()) * spec.kvHeads();
        long allRows = extent.allTokens() * spec.kvHeads();
        copyIn(stream, SdpaTensor.KEYS, ends.keys(), rows, allRows, spec.headDim(), dims.head());
        copyIn(stream, SdpaTensor.VALUES, ends.values(), rows, allRows, spec.valueDim(), dims.value());
    }

    /** Copies {@code rows} heads and zeroes what is beyond them: the ends of rows, and further rows. */
    private void copyIn(
            GpuStream stream, SdpaTensor id, long source, long rows, long allRows, int elements, int padded) {
        long from = (long) elements * plan.spec().type().bytes();
        long to = (long) padded * plan.spec().type().bytes();
        long clean = elements == padded ? rows : 0;
        stream.fill(at(id) + clean * to, 0, (allRows - clean) * to);
        stream.copyRows(ends.in(), at(id), to, source, from, from, rows);
    }

    private void copyOut(GpuStream stream) {
        long bytes = (long) plan.spec().valueDim() * plan.spec().type().bytes();
        long pitch = (long) dims.value() * plan.spec().type().bytes();
        stream.copyRows(ends.out(), ends.output(), bytes, at(SdpaTensor.OUTPUT), pitch, bytes, queryRows());
        if (plan.shape().stats()) {
            stream.copyRows(
                    ends.out(), ends.lse(), Float.BYTES, at(SdpaTensor.LSE), Float.BYTES, Float.BYTES, queryRows());
        }
    }

    private void clearHidden(GpuStream stream) {
        long headBytes = (long) dims.value() * plan.spec().type().bytes();
        long lse = plan.shape().stats() ? at(SdpaTensor.LSE) : 0;
        tables.clearHidden(stream, at(SdpaTensor.OUTPUT), headBytes, lse);
    }

    /** Heads of all queries. */
    private long queryRows() {
        return (long) plan.pages().queryTokens() * plan.spec().queryHeads();
    }

    private long at(SdpaTensor id) {
        Long address = tensors.get(id);
        if (address == null) {
            throw new IllegalStateException("no memory planned for " + id);
        }
        return address;
    }
}
