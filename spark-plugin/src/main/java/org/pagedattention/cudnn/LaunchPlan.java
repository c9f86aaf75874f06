package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.models.RowStrides;
import org.pagedattention.paging.PagedBatch;

/**
 * How one batch will run: its launches, and where everything lies in the batch's own device memory. Tensors from the host
 * are brought there. Those on the device mostly stay where they are; they are copied where heads must be padded, where a
 * graph has rows for unused slots, or where a page would run over the end of the tensors.
 *
 * @param parts the launches, at least one; all see the tensors laid out alike
 * @param hidden queries that see no key
 * @param inPlace whether cuDNN works on the caller's tensors
 * @param block regions of the batch's own device memory
 * @param hiddenAt where in pinned memory there is room for what clears hidden queries
 */
record LaunchPlan(
        AttentionSpec spec,
        PagedBatch pages,
        List<Part> parts,
        HiddenQueries hidden,
        boolean inPlace,
        MemoryPlan block,
        long hiddenAt) {

    /**
     * One launch.
     *
     * @param planned the graph
     * @param tables lengths, page tables, offsets and numbers
     * @param hostAt where the tables begin in pinned memory
     * @param tablesAt where they begin in the batch's device memory
     * @param workspaceAt where cuDNN's workspace begins there
     */
    record Part(
            PlanCache.Planned<SdpaShape> planned, LaunchTables tables, long hostAt, long tablesAt, long workspaceAt) {}

    /** The plan for tensors that come from the host and go back there; null when no sequence has a query. */
    static @Nullable LaunchPlan fromHost(
            SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        List<SlotGraph> graphs = new SlotGraphs(device, options, spec, pages, wantLse).forOwnMemory();
        return graphs.isEmpty() ? null : copying(spec, pages, graphs);
    }

    /** The plan for tensors on the device; null when no sequence has a query. */
    static @Nullable LaunchPlan onDevice(
            SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, DeviceTensors tensors) {
        List<SlotGraph> graphs = new SlotGraphs(device, options, spec, pages, tensors.wantsLse()).forAnyMemory();
        if (graphs.isEmpty()) {
            return null;
        }
        SdpaShape shape = graphs.get(0).shape();
        boolean inPlace = shape.ragged() && !shape.headDims().pads(spec) && pages.containerTokens() <= tensors.slots();
        // in place there is no page of zeros, but the first page is there, and as finite as the rest
        return inPlace ? of(spec, pages, graphs, true, new MemoryPlan(), 0) : copying(spec, pages, graphs);
    }

    /**
     * The plan for tensors of a model's pass, which are worked on where they lie; null when no sequence has a query.
     *
     * @param roomy whether queries have rows for slots that nobody uses
     * @throws IllegalArgumentException when cuDNN would have them lie otherwise
     */
    static @Nullable LaunchPlan ofPass(
            SharedDevice device,
            CudnnOptions options,
            AttentionSpec spec,
            PagedBatch pages,
            RowStrides strides,
            boolean roomy) {
        List<SlotGraph> graphs = new SlotGraphs(device, options, spec, pages, false, strides, roomy).forAnyMemory();
        if (graphs.stream().anyMatch(graph -> graph.shape().headDims().pads(spec))) {
            throw new IllegalArgumentException("cuDNN attends no heads of " + spec.headDim() + " and " + spec.valueDim()
                    + " elements as a model's layers hold them: set spark.pagedAttention.backend to cpu");
        }
        return graphs.isEmpty() ? null : of(spec, pages, graphs, true, new MemoryPlan(), 0);
    }

    /** The plan for tensors that are copied. */
    static LaunchPlan copying(AttentionSpec spec, PagedBatch pages, List<SlotGraph> graphs) {
        ContainerExtent extent = ContainerExtent.of(pages);
        MemoryPlan block = tensors(graphs.get(0).shape(), pages.queryTokens(), extent.allTokens());
        return of(spec, pages, graphs, false, block, extent.zeroPage());
    }

    private static LaunchPlan of(
            AttentionSpec spec,
            PagedBatch pages,
            List<SlotGraph> graphs,
            boolean inPlace,
            MemoryPlan block,
            int sparePage) {
        MemoryPlan host = new MemoryPlan();
        List<Part> parts = new ArrayList<>();
        for (SlotGraph graph : graphs) {
            LaunchTables tables = new LaunchTables(spec, pages, graph.slots(), graph.shape(), sparePage);
            parts.add(new Part(
                    graph.planned(),
                    tables,
                    host.append(tables.hostBytes()),
                    block.append(tables.deviceBytes()),
                    block.append(graph.planned().workspaceBytes())));
        }
        return new LaunchPlan(
                spec, pages, List.copyOf(parts), HiddenQueries.of(spec, pages), inPlace, block, host.bytes());
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

    /** Of the first launch; those of others see the tensors alike. */
    SdpaShape shape() {
        return parts.get(0).planned().key();
    }

    /** The graphs of all launches. */
    List<PlanCache.Planned<SdpaShape>> planned() {
        return parts.stream().map(Part::planned).toList();
    }

    /** Pinned memory that the launches need. */
    long hostBytes() {
        return hiddenAt + hidden.hostBytes();
    }
}
