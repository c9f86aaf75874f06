package org.pagedattention.cpu;

import java.util.Arrays;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;

/** Cuts a batch into {@link RowBlock}s, numbered so that neighbours read the same keys and values. */
final class RowBlocks {
    /** Smaller blocks read the keys and values too often. */
    private static final int LEAST_ROWS = 64;

    private final int groupSize;
    private final int kvHeads;
    private final int blockRows;
    private final PagedBatch pages;
    /** Blocks of the sequences before each one; the last entry is the number of all blocks. */
    private final long[] starts;

    RowBlocks(AttentionSpec spec, PagedBatch pages, int blockRows) {
        this.groupSize = spec.groupSize();
        this.kvHeads = spec.kvHeads();
        this.pages = pages;
        this.blockRows = blockRows;
        starts = new long[pages.sequences() + 1];
        for (int i = 0; i < pages.sequences(); i++) {
            starts[i + 1] = starts[i] + (long) kvHeads * blocksPerHead(i);
        }
    }

    /** Blocks of {@code most} rows, or of fewer as long as that is needed to keep {@code threads} busy to the end. */
    static RowBlocks forThreads(int threads, AttentionSpec spec, PagedBatch pages, int most) {
        RowBlocks blocks = new RowBlocks(spec, pages, most);
        for (int rows = most / 2; rows >= LEAST_ROWS && blocks.count() < enough(threads); rows /= 2) {
            blocks = new RowBlocks(spec, pages, rows);
        }
        return blocks;
    }

    /** Threads end together to within a part of a block, so that many blocks lose a few percent at most. */
    private static int enough(int threads) {
        return threads == 1 ? 1 : 12 * threads;
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
