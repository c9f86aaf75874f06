package org.pagedattention.cudnn;

import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.Workbench;
import org.pagedattention.cudnn.models.RowStrides;
import org.pagedattention.tensor.ElementType;

/**
 * Everything that the descriptors of an attention graph hold, and so the key of its plan: two launches of equal shape
 * differ in addresses, lengths, page numbers, scale and window width only.
 *
 * @param type of Q, K, V and O
 * @param slots sequences, unused slots included
 * @param queryHeads heads of Q and O
 * @param kvHeads heads of K and V
 * @param headDim elements of a head of Q and K, a multiple of 8
 * @param valueDim elements of a head of V and O, a multiple of 8
 * @param maxQuery query tokens of the longest sequence, or more
 * @param maxKv key tokens of the longest sequence, or more
 * @param pages of the containers; null when K and V are dense {@code [slots, maxKv, heads, dim]}
 * @param band causal mask
 * @param windowed whether a window bounds the view back
 * @param ragged whether queries lie end to end; otherwise each slot has {@code maxQuery} rows
 * @param wideOffsets whether ragged offsets take 64 bits
 * @param stats whether the log-sum-exp is written
 * @param paddingMask whether scores of keys behind a sequence's last are masked one by one; needless where no query
 *     would see them anyway
 * @param ranges whether each query has a range of keys of its own, which are all that it sees
 * @param strides elements from one token's row of Q, K and V to the next; null where rows lie end to end
 */
record SdpaShape(
        ElementType type,
        int slots,
        int queryHeads,
        int kvHeads,
        int headDim,
        int valueDim,
        int maxQuery,
        int maxKv,
        @Nullable PageShape pages,
        Mask.Band band,
        boolean windowed,
        boolean ragged,
        boolean wideOffsets,
        boolean stats,
        boolean paddingMask,
        boolean ranges,
        @Nullable RowStrides strides)
        implements GraphKey {

    @Override
    public String kind() {
        return "attention";
    }

    @Override
    public ExecutionPlan build(Workbench bench) {
        return PagedSdpaGraph.plan(this, bench);
    }

    HeadDims headDims() {
        return new HeadDims(headDim, valueDim);
    }

    /** Pages of a sequence of {@code maxKv} tokens. */
    int tableWidth() {
        return pages == null ? 0 : pages.pagesFor(maxKv);
    }

    /** Rows of Q and O that a launch needs memory for, where its queries are {@code queryTokens} in all. */
    long queryRows(long queryTokens) {
        return ragged ? queryTokens : (long) slots * maxQuery;
    }

    /** Elements from one query token to the next. */
    long queryStride() {
        return strides == null ? (long) queryHeads * headDim : strides.query();
    }

    /** Elements from one key token to the next. */
    long keyStride() {
        return strides == null ? (long) kvHeads * headDim : strides.key();
    }

    /** Elements from one value token to the next. */
    long valueStride() {
        return strides == null ? (long) kvHeads * valueDim : strides.value();
    }

    SdpaShape withRagged(boolean endToEnd) {
        return with(headDim, valueDim, endToEnd, paddingMask, strides, wideOffsets);
    }

    SdpaShape withHeadDims(HeadDims dims) {
        return with(dims.head(), dims.value(), ragged, paddingMask, strides, wideOffsets);
    }

    SdpaShape withPaddingMask() {
        return with(headDim, valueDim, ragged, true, strides, wideOffsets);
    }

    /**
     * The shape of rows that lie apart.
     *
     * @param queryTokens of the whole batch
     */
    SdpaShape withStrides(RowStrides rows, long queryTokens) {
        boolean wide = wideOffsets || queryTokens * rows.query() > Integer.MAX_VALUE;
        return with(headDim, valueDim, ragged, paddingMask, rows, wide);
    }

    private SdpaShape with(
            int head, int value, boolean endToEnd, boolean masked, @Nullable RowStrides rows, boolean wide) {
        return new SdpaShape(
                type,
                slots,
                queryHeads,
                kvHeads,
                head,
                value,
                maxQuery,
                maxKv,
                pages,
                band,
                windowed,
                endToEnd,
                wide,
                stats,
                masked,
                ranges,
                rows);
    }
}
