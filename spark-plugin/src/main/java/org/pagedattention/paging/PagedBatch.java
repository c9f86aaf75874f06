package org.pagedattention.paging;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where every token of one batch lies: queries end to end, keys and values in paged containers reached through page
 * tables. Immutable; holds no tensor data.
 */
public final class PagedBatch {
    private final PageLayout layout;
    private final int pageSize;
    private final List<SequenceLengths> lengths;
    private final int[] queryStarts;
    private final PageTable keyTable;
    private final PageTable valueTable;
    private final int containerTokens;
    private final int longestQuery;
    private final int longestKv;

    private PagedBatch(
            PageLayout layout,
            int pageSize,
            List<SequenceLengths> lengths,
            PageTable keyTable,
            PageTable valueTable,
            int containerTokens) {
        this.layout = layout;
        this.pageSize = PageSize.check(pageSize);
        this.lengths = List.copyOf(lengths);
        this.keyTable = keyTable;
        this.valueTable = valueTable;
        this.containerTokens = containerTokens;
        queryStarts = queryStarts(lengths);
        longestQuery =
                lengths.stream().mapToInt(SequenceLengths::queryTokens).max().orElse(0);
        longestKv = lengths.stream().mapToInt(SequenceLengths::kvTokens).max().orElse(0);
    }

    /** Gives each sequence pages of its own, in order. */
    public static PagedBatch plan(PageLayout layout, int pageSize, List<SequenceLengths> lengths) {
        PageSize.check(pageSize);
        int[][] rows = new int[lengths.size()][];
        long slot = 0;
        for (int i = 0; i < rows.length; i++) {
            int tokens = lengths.get(i).kvTokens();
            rows[i] = new int[pagesFor(tokens, pageSize)];
            for (int p = 0; p < rows[i].length; p++) {
                rows[i][p] = (int) ((slot + (long) p * pageSize) / layout.pageStride(pageSize));
            }
            slot += layout == PageLayout.PACKED ? tokens : (long) rows[i].length * pageSize;
            requireAddressable(slot);
        }
        // even an empty container has one whole page, which unused table entries may name
        long tokens = layout == PageLayout.PACKED ? slot + pageSize - (slot == 0 ? 0 : 1) : Math.max(slot, pageSize);
        PageTable table = new PageTable(rows);
        return new PagedBatch(layout, pageSize, lengths, table, table, requireAddressable(tokens));
    }

    /**
     * Uses tables made elsewhere, whose rows may share pages or name them in any order.
     *
     * @param containerTokens token slots of each container
     */
    public static PagedBatch of(
            PageLayout layout,
            int pageSize,
            List<SequenceLengths> lengths,
            PageTable keyTable,
            PageTable valueTable,
            int containerTokens) {
        for (PageTable table : List.of(keyTable, valueTable)) {
            long end = (long) table.highestPage() * layout.pageStride(pageSize) + pageSize;
            if (table.sequences() != lengths.size() || end > containerTokens) {
                throw new IllegalArgumentException(
                        "page table of " + table.sequences() + " sequences that ends at slot " + end + " does not fit "
                                + lengths.size() + " sequences and " + containerTokens + " slots");
            }
        }
        return new PagedBatch(layout, pageSize, lengths, keyTable, valueTable, containerTokens);
    }

    /**
     * Sequences that have the keys and values of this batch's, several of them the same: each names all of its owner's
     * pages.
     *
     * @param owners for each sequence, the one of this batch
     * @param queryTokens of each sequence
     */
    public PagedBatch sharedBy(int[] owners, int[] queryTokens) {
        int[][] rows = new int[owners.length][];
        List<SequenceLengths> all = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            int tokens = lengths.get(owners[i]).kvTokens();
            rows[i] = keyTable.row(owners[i], pagesFor(tokens, pageSize));
            all.add(new SequenceLengths(queryTokens[i], tokens));
        }
        if (keyTable != valueTable) {
            throw new IllegalStateException("keys and values of these sequences lie in different pages");
        }
        PageTable table = new PageTable(rows);
        return new PagedBatch(layout, pageSize, all, table, table, containerTokens);
    }

    /** Pages that hold {@code tokens}. */
    public static int pagesFor(int tokens, int pageSize) {
        return (int) (((long) tokens + pageSize - 1) / pageSize);
    }

    public PageLayout layout() {
        return layout;
    }

    /** Tokens of a page. */
    public int pageSize() {
        return pageSize;
    }

    public int sequences() {
        return lengths.size();
    }

    public SequenceLengths lengths(int sequence) {
        return lengths.get(sequence);
    }

    /** Index of the sequence's first token among all queries of the batch; at {@link #sequences} their number. */
    public int queryStart(int sequence) {
        return queryStarts[sequence];
    }

    /**
     * Position of the sequence's first query token where queries and keys end together: the number of keys before it,
     * negative where there are more queries than keys.
     */
    public int firstPosition(int sequence) {
        return lengths.get(sequence).kvTokens() - lengths.get(sequence).queryTokens();
    }

    /** One past the last token slot of a container that holds a token of some sequence; 0 when none does. */
    public int usedSlots() {
        int used = 0;
        for (int i = 0; i < sequences(); i++) {
            int tokens = lengths.get(i).kvTokens();
            for (int first = 0; first < tokens; first += pageSize) {
                int count = Math.min(pageSize, tokens - first);
                int ordinal = first / pageSize;
                used = Math.max(used, pageSlot(keyTable.page(i, ordinal)) + count);
                used = Math.max(used, pageSlot(valueTable.page(i, ordinal)) + count);
            }
        }
        return used;
    }

    /** Query tokens of the whole batch. */
    public int queryTokens() {
        return queryStarts[lengths.size()];
    }

    /** Key tokens of the whole batch, counted once a sequence. */
    public long kvTokens() {
        return lengths.stream().mapToLong(SequenceLengths::kvTokens).sum();
    }

    public int longestQuery() {
        return longestQuery;
    }

    public int longestKv() {
        return longestKv;
    }

    public PageTable keyTable() {
        return keyTable;
    }

    public PageTable valueTable() {
        return valueTable;
    }

    /** Token slots of a container, those that no token owns included. */
    public int containerTokens() {
        return containerTokens;
    }

    /** Pages of a container, as its descriptor counts them. */
    public int containerPages() {
        return (containerTokens - pageSize) / layout.pageStride(pageSize) + 1;
    }

    /** Token slot at which {@code page} begins. */
    public int pageSlot(int page) {
        return page * layout.pageStride(pageSize);
    }

    /** Share of container slots that hold no token, from 0 to 1; negative when sequences share pages. */
    public double waste() {
        return 1 - (double) kvTokens() / containerTokens;
    }

    /** The lengths of all sequences, in order. */
    public List<SequenceLengths> allLengths() {
        return Collections.unmodifiableList(lengths);
    }

    private static int[] queryStarts(List<SequenceLengths> lengths) {
        int[] starts = new int[lengths.size() + 1];
        for (int i = 0; i < lengths.size(); i++) {
            starts[i + 1] = requireAddressable((long) starts[i] + lengths.get(i).queryTokens());
        }
        return starts;
    }

    private static int requireAddressable(long tokens) {
        if (tokens > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "batch of " + tokens + " tokens is too large: at most 2^31 tokens fit one batch");
        }
        return (int) tokens;
    }
}
