package org.pagedattention.cudnn;

import java.util.stream.IntStream;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PagedBatch;

/**
 * The sequences of a batch that have queries, in order, with the key counts that cuDNN is told. Sequences without
 * queries take no slot: they have no output, and cuDNN is least trusted at length zero.
 *
 * @param sequences their numbers in the batch
 * @param kvLengths keys of each, at least one
 * @param decode whether every one has a single query that sees keys from the first on; then the mask is in the key
 *     counts, and the graph needs none
 */
record ActiveSequences(IntArray sequences, IntArray kvLengths, boolean decode) {

    /** Query rows of a thread block, or more. */
    private static final int BLOCK_ROWS = 128;

    static ActiveSequences of(PagedBatch pages, Mask mask) {
        return of(pages, mask, false);
    }

    /**
     * The sequences of {@code pages}.
     *
     * @param neverDecode whether sequences with one query go the way of all others, even where there are no others:
     *     kernels for single queries share out a sequence's keys by how many sequences there are
     */
    static ActiveSequences of(PagedBatch pages, Mask mask, boolean neverDecode) {
        int[] active = IntStream.range(0, pages.sequences())
                .filter(i -> pages.lengths(i).queryTokens() > 0)
                .toArray();
        boolean decode = !neverDecode
                && pages.longestQuery() == 1
                && IntStream.of(active)
                        .allMatch(i -> mask.firstKey(0, 1, pages.lengths(i).kvTokens()) == 0);
        int[] kv = IntStream.of(active)
                .map(i -> pages.lengths(i).kvTokens())
                .map(keys -> decode ? mask.endKey(0, 1, keys) : keys)
                // a sequence without keys reads the page of zeros; what it gives is overwritten afterwards
                .map(keys -> Math.max(1, keys))
                .toArray();
        return new ActiveSequences(new IntArray(active), new IntArray(kv), decode);
    }

    /**
     * Whether {@code mask} alone would let a query see keys behind its sequence's last, or a thread block read behind
     * the last of the page table.
     *
     * @param maxKv keys that a sequence has room for
     */
    boolean seesPadding(PagedBatch pages, Mask mask, int maxKv) {
        return switch (mask.band()) {
            case NONE -> slots().anyMatch(slot -> kvLengths.get(slot) < maxKv);
            case CAUSAL -> slots().anyMatch(slot -> queries(pages, slot) > kvLengths.get(slot));
            case CAUSAL_BOTTOM_RIGHT -> slots().anyMatch(slot -> reach(queries(pages, slot), slot) > maxKv);
        };
    }

    private int queries(PagedBatch pages, int slot) {
        return pages.lengths(sequences.get(slot)).queryTokens();
    }

    /** Keys that the rows of a sequence's last thread block would see, those behind its queries included. */
    private int reach(int queries, int slot) {
        return kvLengths.get(slot) - queries + (queries + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
    }

    private IntStream slots() {
        return IntStream.range(0, count());
    }

    int count() {
        return sequences.size();
    }

    /** Keys of the longest. */
    int longestKv() {
        return kvLengths.max();
    }
}
