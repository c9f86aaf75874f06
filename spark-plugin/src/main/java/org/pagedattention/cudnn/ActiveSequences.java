package org.pagedattention.cudnn;

import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PagedBatch;

/**
 * The sequences of a batch that have queries, in order, with the key counts that cuDNN is told. Sequences without
 * queries take no slot: they have no output, and cuDNN is least trusted at length zero.
 *
 * @param pages the batch
 * @param sequences their numbers in it
 * @param kvLengths keys of each, at least one
 * @param decode whether every one has a single query that sees keys from the first on; then the mask is in the key
 *     counts, and the graph needs none
 */
record ActiveSequences(PagedBatch pages, IntArray sequences, IntArray kvLengths, boolean decode) implements Slots {

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
        return new ActiveSequences(pages, new IntArray(active), new IntArray(kv), decode);
    }

    /** Those in {@code slots}, which have a graph for any number of queries. */
    ActiveSequences only(List<Integer> slots) {
        return new ActiveSequences(
                pages,
                new IntArray(slots.stream().mapToInt(sequences::get).toArray()),
                new IntArray(slots.stream().mapToInt(kvLengths::get).toArray()),
                false);
    }

    /**
     * Whether {@code mask} alone would let a query see keys behind its sequence's last, or a thread block read behind
     * the last of the page table.
     *
     * @param maxKv keys that a sequence has room for
     */
    boolean seesPadding(Mask mask, int maxKv) {
        return switch (mask.band()) {
            case NONE, AROUND -> slots().anyMatch(slot -> kvLengths.get(slot) < maxKv);
            case CAUSAL -> slots().anyMatch(slot -> queries(slot) > kvLengths.get(slot));
            case CAUSAL_BOTTOM_RIGHT -> slots().anyMatch(slot -> reach(queries(slot), slot) > maxKv);
        };
    }

    /** Keys that the rows of a sequence's last thread block would see, those behind its queries included. */
    private int reach(int queries, int slot) {
        return kvLengths.get(slot) - queries + (queries + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
    }

    private IntStream slots() {
        return IntStream.range(0, count());
    }

    @Override
    public int count() {
        return sequences.size();
    }

    @Override
    public int queryStart(int slot) {
        return pages.queryStart(sequences.get(slot));
    }

    @Override
    public int queries(int slot) {
        return pages.lengths(sequences.get(slot)).queryTokens();
    }

    @Override
    public int keys(int slot) {
        return kvLengths.get(slot);
    }

    @Override
    public int pages(int slot) {
        int tokens = Math.min(pages.lengths(sequences.get(slot)).kvTokens(), keys(slot));
        return PagedBatch.pagesFor(tokens, pages.pageSize());
    }

    @Override
    public int keyPage(int slot, int ordinal) {
        return pages.keyTable().page(sequences.get(slot), ordinal);
    }

    @Override
    public int valuePage(int slot, int ordinal) {
        return pages.valueTable().page(sequences.get(slot), ordinal);
    }

    /** Queries of the longest. */
    int longestQuery() {
        return slots().map(this::queries).max().orElse(0);
    }

    /** Keys of the longest. */
    int longestKv() {
        return kvLengths.max();
    }
}
