package org.pagedattention.paging;

import java.util.Arrays;

/**
 * Says, for every sequence of a batch, which pages hold its tokens. Rows may name the same page, so that sequences share
 * it; entries behind a sequence's last page are 0, a page that always exists.
 */
public final class PageTable {
    private final int sequences;
    private final int width;
    private final int[] entries;

    /**
     * @param rows page numbers of each sequence, in token order
     */
    public PageTable(int[][] rows) {
        sequences = rows.length;
        width = Math.max(
                1, Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(1));
        entries = new int[Math.multiplyExact(sequences, width)];
        for (int i = 0; i < sequences; i++) {
            System.arraycopy(rows[i], 0, entries, i * width, rows[i].length);
        }
    }

    public int sequences() {
        return sequences;
    }

    /** Entries of a row: pages of the longest sequence, at least one. */
    public int width() {
        return width;
    }

    /** The page that holds the {@code ordinal}-th page of tokens of {@code sequence}. */
    public int page(int sequence, int ordinal) {
        return entries[sequence * width + ordinal];
    }

    /** The first {@code pages} pages of {@code sequence}. */
    int[] row(int sequence, int pages) {
        return Arrays.copyOfRange(entries, sequence * width, sequence * width + pages);
    }

    /** The highest page number named. */
    int highestPage() {
        return Arrays.stream(entries).max().orElse(0);
    }
}
