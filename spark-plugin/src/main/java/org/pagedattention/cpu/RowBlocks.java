package org.pagedattention.cpu;

import java.util.Arrays;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;

/** Cuts a batch into {@link RowBlock}s, numbered so that neighbours read the same keys and values. */
final class RowBlocks {
    private final int groupSize;
    private final int kvHeads;
    private final int blockRows;
    private final PagedBatch pages;
    /** Blocks of the sequences before each one; the last entry is the number of all blocks. */
    private final long[] starts;

    RowBlocks(AttentionSpec spec, PagedBatch pages, int blockRows) {
        this.groupSize = spec.groupSize();
        this.kvHeads = spec.kvHeads();
        this.blockRows = blockRows;
        this.pages = pages;
        starts = new long[pages.sequences() + 1];
        for (int i = 0; i < pages.sequences(); i++) {
            starts[i + 1] = starts[i] + (long) kvHeads * blocksPerHead(i);
        }
    }

    long count() {
        return starts[starts.length - 1];
    }

    RowBlock block(long index) {
        int sequence = sequence(index);
        int perHead = blocksPerHead(sequence);
        long within = index - starts[sequence];
        // under a causal mask late queries cost most: first they go, so that threads end together
        int ordinal = perHead - 1 - (int) (within % perHead);
        int firstRow = ordinal * blockRows;
        int endRow = Math.min(rows(sequence), firstRow + blockRows);
        return new RowBlock(sequence, (int) (within / perHead), firstRow, endRow);
    }

    private int sequence(long index) {
        int found = Arrays.binarySearch(starts, index);
        if (found < 0) {
            return -found - 2;
        }
        // sequences without queries have no block: the last of equal starts owns it
        while (starts[found + 1] == index) {
            found++;
        }
        return found;
    }

    private int blocksPerHead(int sequence) {
        return (rows(sequence) + blockRows - 1) / blockRows;
    }

    private int rows(int sequence) {
        return pages.lengths(sequence).queryTokens() * groupSize;
    }
}
