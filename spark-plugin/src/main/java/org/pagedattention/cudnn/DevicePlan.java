package org.pagedattention.cudnn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.paging.PagedBatch;

/**
 * How a batch whose tensors are in device memory will run. Mostly in place; a copy is needed where heads must be padded,
 * where the graph has rows for unused slots, or where a page would run over the end of the tensors.
 *
 * @param planned the graph
 * @param tables lengths, page tables, offsets and numbers
 * @param inPlace whether cuDNN works on the caller's tensors
 * @param block regions of the batch's own device memory
 * @param tablesAt where the tables begin in it
 * @param workspaceAt where cuDNN's workspace begins in it
 */
record DevicePlan(
        AttentionSpec spec,
        PagedBatch pages,
        PlanCache.Planned<SdpaShape> planned,
        LaunchTables tables,
        boolean inPlace,
        MemoryPlan block,
        long tablesAt,
        long workspaceAt) {

    /** The plan; null when no sequence has a query. */
    static @Nullable DevicePlan of(
            SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, DeviceTensors tensors) {
        List<HeadDims> paddings = HeadDims.candidates(spec);
        ActiveSequences active = ActiveSequences.of(pages, spec.mask(), options.deterministic());
        if (active.count() == 0) {
            return null;
        }
        // never a rectangle, whose unused rows would lie behind the caller's tensors
        ShapeBuckets buckets = ShapeBuckets.of(device);
        SdpaShape wanted = options.deterministic()
                ? buckets.steady(spec, pages, active, tensors.wantsLse(), options.wideOffsets())
                : buckets.mixed(spec, pages, active, tensors.wantsLse(), options.wideOffsets());
        PlanCache.Planned<SdpaShape> planned = SdpaPlans.of(device).plan(wanted, paddings);
        SdpaShape shape = planned.key();
        boolean inPlace = shape.ragged()
                && !new HeadDims(shape.headDim(), shape.valueDim()).pads(spec)
                && pages.containerTokens() <= tensors.slots();
        // in place there is no page of zeros, but the first page is there, and as finite as the rest
        LaunchTables tables = inPlace
                ? new LaunchTables(spec, pages, active, shape, 0)
                : new LaunchTables(spec, pages, active, shape);
        MemoryPlan block = inPlace ? new MemoryPlan() : copies(spec, pages, shape, tensors.wantsLse());
        long tablesAt = block.append(tables.deviceBytes());
        long workspaceAt = block.append(planned.workspaceBytes());
        return new DevicePlan(spec, pages, planned, tables, inPlace, block, tablesAt, workspaceAt);
    }

    SdpaShape shape() {
        return planned.key();
    }

    private static MemoryPlan copies(AttentionSpec spec, PagedBatch pages, SdpaShape shape, boolean wantLse) {
        long width = spec.type().bytes();
        long rows = shape.queryRows(pages.queryTokens()) * shape.queryHeads();
        long containerRows = ContainerExtent.of(pages).allTokens() * shape.kvHeads();
        MemoryPlan block = new MemoryPlan()
                .add(SdpaTensor.QUERIES, rows * shape.headDim() * width)
                .add(SdpaTensor.KEYS, containerRows * shape.headDim() * width)
                .add(SdpaTensor.VALUES, containerRows * shape.valueDim() * width)
                .add(SdpaTensor.OUTPUT, rows * shape.valueDim() * width);
        return wantLse ? block.add(SdpaTensor.LSE, rows * Float.BYTES) : block;
    }
}
