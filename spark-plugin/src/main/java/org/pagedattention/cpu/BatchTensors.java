package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;

/**
 * The tensors of one batch and where things lie in them. All byte buffers are little-endian, on the heap, and begin
 * with their array.
 *
 * @param queries {@code [query tokens, queryHeads, headDim]}
 * @param keys {@code [container tokens, kvHeads, headDim]}
 * @param values {@code [container tokens, kvHeads, valueDim]}
 * @param output {@code [query tokens, queryHeads, valueDim]}
 * @param lse {@code [query tokens, queryHeads]}; null when nobody wants it
 */
public record BatchTensors(
        AttentionSpec spec,
        PagedBatch pages,
        ByteBuffer queries,
        ByteBuffer keys,
        ByteBuffer values,
        ByteBuffer output,
        @Nullable FloatBuffer lse) {

    /** Index of a row of {@code block} among all rows {@code [query tokens, queryHeads]} of Q, O and LSE. */
    public int rowIndex(RowBlock block, int row) {
        int group = spec.groupSize();
        int token = pages.queryStart(block.sequence()) + row / group;
        return token * spec.queryHeads() + block.kvHead() * group + row % group;
    }

    /** First key that {@code row} sees. */
    public int firstKey(RowBlock block, int row) {
        Mask mask = spec.mask();
        return mask.firstKey(row / spec.groupSize(), queries(block), keys(block));
    }

    /** One past the last key that {@code row} sees. */
    public int endKey(RowBlock block, int row) {
        Mask mask = spec.mask();
        return mask.endKey(row / spec.groupSize(), queries(block), keys(block));
    }

    /** Index of {@code token}'s key of the block's KV head in the K container, in heads. */
    public int keyHead(RowBlock block, int token) {
        return head(pages.keyTable(), block, token);
    }

    /** Index of {@code token}'s value of the block's KV head in the V container, in heads. */
    public int valueHead(RowBlock block, int token) {
        return head(pages.valueTable(), block, token);
    }

    /** Tokens from {@code token} on, at most to {@code end}, that lie on one page and so follow each other. */
    public int tokensOnPage(int token, int end) {
        int pageSize = pages.pageSize();
        return Math.min(end - token, pageSize - token % pageSize);
    }

    private int head(PageTable table, RowBlock block, int token) {
        int pageSize = pages.pageSize();
        int slot = pages.pageSlot(table.page(block.sequence(), token / pageSize)) + token % pageSize;
        return slot * spec.kvHeads() + block.kvHead();
    }

    private int queries(RowBlock block) {
        return pages.lengths(block.sequence()).queryTokens();
    }

    private int keys(RowBlock block) {
        return pages.lengths(block.sequence()).kvTokens();
    }
}
