package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.models.RowStrides;
import org.pagedattention.paging.PagedBatch;

/**
 * Chooses the graphs of a batch: mostly one, with a slot for each sequence; where many sequences are short, one for them,
 * which share slots, and one for the rest. All are in the plan cache afterwards.
 */
final class SlotGraphs {
    private final CudnnOptions options;
    private final AttentionSpec spec;
    private final PagedBatch pages;
    private final boolean wantLse;
    private final @Nullable RowStrides strides;
    private final List<HeadDims> paddings;
    private final ActiveSequences active;
    private final ShapeBuckets buckets;
    private final SdpaPlans plans;

    /**
     * @throws IllegalArgumentException when heads are too large for cuDNN, or the mask is none that it has
     */
    SlotGraphs(SharedDevice device, CudnnOptions options, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        this(device, options, spec, pages, wantLse, null, true);
    }

    /**
     * @param strides where rows of Q, K and V lie apart; null where they lie end to end
     * @param roomy whether single queries may have graphs with rows for slots that nobody uses
     * @throws IllegalArgumentException when heads are too large for cuDNN, or the mask is none that it has
     */
    SlotGraphs(
            SharedDevice device,
            CudnnOptions options,
            AttentionSpec spec,
            PagedBatch pages,
            boolean wantLse,
            @Nullable RowStrides strides,
            boolean roomy) {
        SdpaSupport.requireKnown(spec.mask());
        this.options = options;
        this.spec = spec;
        this.pages = pages;
        this.wantLse = wantLse;
        this.strides = strides;
        paddings = HeadDims.candidates(spec);
        active = ActiveSequences.of(pages, spec.mask(), options.deterministic() || !roomy);
        buckets = ShapeBuckets.of(device);
        plans = SdpaPlans.of(device);
    }

    /**
     * Graphs for tensors in memory with room for unused rows; none when no sequence has a query.
     *
     * @throws IllegalArgumentException when cuDNN takes no graph for this batch
     */
    List<SlotGraph> forOwnMemory() {
        return choose(!options.deterministic());
    }

    /** Graphs for tensors in anybody's memory: never a rectangle, whose unused rows would lie behind them. */
    List<SlotGraph> forAnyMemory() {
        return choose(false);
    }

    /** Sees to the plans of batches like this, whether or not queries of such a batch make a rectangle. */
    void warm() {
        forOwnMemory();
        forAnyMemory();
    }

    private List<SlotGraph> choose(boolean rectangles) {
        if (active.count() == 0) {
            return List.of();
        }
        Packing packing = buckets.packs() ? Packing.of(pages, spec.mask(), active, options.packing()) : null;
        List<SlotGraph> packed = packing == null ? null : packed(packing);
        return packed != null ? packed : List.of(new SlotGraph(plans.plan(shape(rectangles), paddings), active));
    }

    private SdpaShape shape(boolean rectangles) {
        return strided(shapeOfAll(rectangles));
    }

    private SdpaShape strided(SdpaShape endToEnd) {
        return strides == null ? endToEnd : endToEnd.withStrides(strides, pages.queryTokens());
    }

    private SdpaShape shapeOfAll(boolean rectangles) {
        if (options.deterministic()) {
            return buckets.steady(spec, pages, active, wantLse);
        }
        return rectangles ? buckets.shape(spec, pages, active, wantLse) : buckets.mixed(spec, pages, active, wantLse);
    }

    /** Null where cuDNN has no kernel for packed slots with heads as those of the rest. */
    private @Nullable List<SlotGraph> packed(Packing packing) {
        List<SlotGraph> graphs = new ArrayList<>();
        List<HeadDims> dims = paddings;
        if (packing.rest().count() > 0) {
            SdpaShape shape = strided(buckets.mixed(spec, pages, packing.rest(), wantLse));
            PlanCache.Planned<SdpaShape> rest = plans.plan(shape, paddings);
            graphs.add(new SlotGraph(rest, packing.rest()));
            dims = List.of(rest.key().headDims());
        }
        SdpaShape shape = strided(buckets.packed(spec, pages, packing.packed(), wantLse));
        Optional<PlanCache.Planned<SdpaShape>> planned = plans.find(shape, dims);
        planned.ifPresent(found -> graphs.add(new SlotGraph(found, packing.packed())));
        return planned.isPresent() ? graphs : null;
    }
}
