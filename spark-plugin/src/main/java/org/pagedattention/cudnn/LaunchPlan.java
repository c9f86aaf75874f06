package org.pagedattention.cudnn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.paging.PagedBatch;

/**
 * How one batch will run: the graph, and where everything lies in the batch's own device memory. Tensors from the host
 * are brought there. Those on the device mostly stay where they are; they are copied where heads must be padded, where the
 * graph has rows for unused slots, or where a page would run over the end of the tensors.
 *
 * @param planned the graph
 * @param tables lengths, page tables, offsets and numbers
 * @param hidden queries that see no key
 * @param inPlace whether cuDNN works on the caller's tensors
 * @param block regions of the batch's own device memory
 * @param tablesAt where the tables begin in it
 * @param workspaceAt where cuDNN's workspace begins in it
 */
record LaunchPlan(
        AttentionSpec spec,
        PagedBatch pages,
        PlanCache.Planned<SdpaShape> planned,
        LaunchTables tables,
        HiddenQueries hidden,
        boolean inPlace,
        MemoryPlan block,
        long tablesAt,
        long workspaceAt) {

    /** The plan for tensors that come from the host and go back there; null when no sequence has a query. */
    static @Nullable LaunchPlan fromHost(
            SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        List<HeadDims> paddings = HeadDims.candidates(spec);
        ActiveSequences active = ActiveSequences.of(pages, spec.mask(), options.deterministic());
        if (active.count() == 0) {
            return null;
        }
        ShapeBuckets buckets = ShapeBuckets.of(device);
        SdpaShape shape = options.deterministic()
                ? buckets.steady(spec, pages, active, wantLse, options.wideOffsets())
                : buckets.shape(spec, pages, active, wantLse, options.wideOffsets());
        return copying(spec, pages, active, SdpaPlans.of(device).plan(shape, paddings));
    }

    /** The plan for tensors on the device; null when no sequence has a query. */
    static @Nullable LaunchPlan onDevice(
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
        if (!inPlace) {
            return copying(spec, pages, active, planned);
        }
        // in place there is no page of zeros, but the first page is there, and as finite as the rest
        LaunchTables tables = new LaunchTables(spec, pages, active, shape, 0);
        return of(spec, pages, planned, tables, true, new MemoryPlan());
    }

    /** Builds the plans of batches like {@code pages}, whether or not queries of such a batch make a rectangle. */
    static void warm(SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        fromHost(device, options, spec, pages, wantLse);
        ActiveSequences active = ActiveSequences.of(pages, spec.mask(), options.deterministic());
        if (active.count() > 0 && !options.deterministic()) {
            SdpaShape mixed = ShapeBuckets.of(device).mixed(spec, pages, active, wantLse, options.wideOffsets());
            SdpaPlans.of(device).plan(mixed, HeadDims.candidates(spec));
        }
    }

    /** The plan for tensors that are copied, whose graph is {@code planned}. */
    static LaunchPlan copying(
            AttentionSpec spec, PagedBatch pages, ActiveSequences active, PlanCache.Planned<SdpaShape> planned) {
        SdpaShape shape = planned.key();
        LaunchTables tables = new LaunchTables(spec, pages, active, shape);
        MemoryPlan block =
                tensors(shape, pages.queryTokens(), ContainerExtent.of(pages).allTokens());
        return of(spec, pages, planned, tables, false, block);
    }

    private static LaunchPlan of(
            AttentionSpec spec,
            PagedBatch pages,
            PlanCache.Planned<SdpaShape> planned,
            LaunchTables tables,
            boolean inPlace,
            MemoryPlan block) {
        long tablesAt = block.append(tables.deviceBytes());
        long workspaceAt = block.append(planned.workspaceBytes());
        HiddenQueries hidden = HiddenQueries.of(spec, pages);
        return new LaunchPlan(spec, pages, planned, tables, hidden, inPlace, block, tablesAt, workspaceAt);
    }

    /**
     * Memory for the tensors of a launch.
     *
     * @param queryTokens of all sequences
     * @param containerTokens slots of each container
     */
    static MemoryPlan tensors(SdpaShape shape, long queryTokens, long containerTokens) {
        long width = shape.type().bytes();
        long rows = shape.queryRows(queryTokens) * shape.queryHeads();
        long containerRows = containerTokens * shape.kvHeads();
        MemoryPlan memory = new MemoryPlan()
                .add(SdpaTensor.QUERIES, rows * shape.headDim() * width)
                .add(SdpaTensor.KEYS, containerRows * shape.headDim() * width)
                .add(SdpaTensor.VALUES, containerRows * shape.valueDim() * width)
                .add(SdpaTensor.OUTPUT, rows * shape.valueDim() * width);
        return shape.stats() ? memory.add(SdpaTensor.LSE, rows * Float.BYTES) : memory;
    }

    SdpaShape shape() {
        return planned.key();
    }

    /** Pinned memory that a launch needs. */
    long hostBytes() {
        return tables.hostBytes() + hidden.hostBytes();
    }
}
