package org.pagedattention.cudnn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.paging.PagedBatch;

/**
 * How one batch will run: the shape of the graph and where everything lies in device memory.
 *
 * @param execution null when no sequence has a query, so that there is nothing to run
 */
record BatchPlan(
        AttentionSpec spec,
        PagedBatch pages,
        boolean wantLse,
        CudnnOptions options,
        ActiveSequences active,
        @Nullable Execution execution) {

    /**
     * The launch of a batch that has queries.
     *
     * @param planned the graph
     * @param tables lengths, page tables, offsets and numbers
     * @param device regions of the batch's device block
     * @param tablesAt where the tables begin in it
     * @param workspaceAt where cuDNN's workspace begins in it
     */
    record Execution(
            PlanCache.Planned<SdpaShape> planned,
            LaunchTables tables,
            MemoryPlan device,
            long tablesAt,
            long workspaceAt) {

        SdpaShape shape() {
            return planned.key();
        }
    }

    static BatchPlan of(
            SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        List<HeadDims> paddings = HeadDims.candidates(spec);
        ActiveSequences active = ActiveSequences.of(pages, spec.mask(), options.deterministic());
        if (active.count() == 0) {
            return new BatchPlan(spec, pages, wantLse, options, active, null);
        }
        ShapeBuckets buckets = ShapeBuckets.of(device);
        SdpaShape shape = options.deterministic()
                ? buckets.steady(spec, pages, active, wantLse, options.wideOffsets())
                : buckets.shape(spec, pages, active, wantLse, options.wideOffsets());
        PlanCache.Planned<SdpaShape> planned = SdpaPlans.of(device).plan(shape, paddings);
        return new BatchPlan(spec, pages, wantLse, options, active, execution(spec, pages, active, planned));
    }

    /** Builds the plans of batches like {@code pages}, whether or not queries of such a batch make a rectangle. */
    static void warm(SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        BatchPlan plan = of(device, options, spec, pages, wantLse);
        if (plan.execution() != null && !options.deterministic()) {
            SdpaShape mixed = ShapeBuckets.of(device).mixed(spec, pages, plan.active(), wantLse, options.wideOffsets());
            SdpaPlans.of(device).plan(mixed, HeadDims.candidates(spec));
        }
    }

    static Execution execution(
            AttentionSpec spec, PagedBatch pages, ActiveSequences active, PlanCache.Planned<SdpaShape> planned) {
        SdpaShape shape = planned.key();
        long width = spec.type().bytes();
        long rows = shape.queryRows(pages.queryTokens()) * shape.queryHeads();
        long containerRows = ContainerExtent.of(pages).allTokens() * shape.kvHeads();
        LaunchTables tables = new LaunchTables(spec, pages, active, shape);
        MemoryPlan memory = new MemoryPlan()
                .add(SdpaTensor.QUERIES, rows * shape.headDim() * width)
                .add(SdpaTensor.KEYS, containerRows * shape.headDim() * width)
                .add(SdpaTensor.VALUES, containerRows * shape.valueDim() * width)
                .add(SdpaTensor.OUTPUT, rows * shape.valueDim() * width)
                .add(SdpaTensor.LSE, rows * Float.BYTES);
        long tablesAt = memory.append(tables.deviceBytes());
        long workspaceAt = memory.append(planned.workspaceBytes());
        return new Execution(planned, tables, memory, tablesAt, workspaceAt);
    }
}
