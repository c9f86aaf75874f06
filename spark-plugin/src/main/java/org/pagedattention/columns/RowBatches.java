package org.pagedattention.columns;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * Cuts the rows of a chunk into batches of neighbours. The columns themselves are the containers, so the last page of a
 * batch's last sequence runs on into the rows behind it; the few rows at the end that have too little behind them make a
 * batch of their own, which is copied.
 */
final class RowBatches {

    /**
     * Neighbouring rows.
     *
     * @param firstRow in the chunk
     * @param pages where their tokens lie, counted from the first row's first token
     */
    record RowBatch(int firstRow, PagedBatch pages) {}

    private RowBatches() {}

    /** The batches of all {@code lengths}, in order. */
    static List<RowBatch> of(List<SequenceLengths> lengths, BatchLimits limits, int pageSize) {
        int tail = tail(lengths, pageSize);
        List<RowBatch> batches = new ArrayList<>();
        int first = 0;
        long tokens = 0;
        for (int row = 0; row <= lengths.size(); row++) {
            boolean end = row == lengths.size();
            boolean full = !end
                    && !limits.allows(row - first + 1, tokens + lengths.get(row).tokens());
            if (row > first && (end || full || row == tail)) {
                batches.add(
                        new RowBatch(first, PagedBatch.plan(PageLayout.PACKED, pageSize, lengths.subList(first, row))));
                first = row;
                tokens = 0;
            }
            tokens += end ? 0 : lengths.get(row).tokens();
        }
        return batches;
    }

    /** The first row of those whose pages might run over the end of the columns. */
    private static int tail(List<SequenceLengths> lengths, int pageSize) {
        long behind = 0;
        int row = lengths.size();
        while (row > 0 && behind < pageSize - 1) {
            row--;
            behind += lengths.get(row).kvTokens();
        }
        return row;
    }

    /**
     * Lengths of the rows of a chunk.
     *
     * @throws BadChunkException when K and V of a row differ, or queries have no key
     */
    static List<SequenceLengths> lengths(TensorBuffer q, TensorBuffer k, TensorBuffer v, int rows) {
        return IntStream.range(0, rows)
                .mapToObj(row -> {
                    if (k.tokens(row) != v.tokens(row)) {
                        throw new BadChunkException("row " + row + " of the chunk has " + k.tokens(row)
                                + " key tokens and " + v.tokens(row) + " value tokens");
                    }
                    if (k.tokens(row) == 0 && q.tokens(row) > 0) {
                        throw new BadChunkException("row " + row + " of the chunk has queries and no keys");
                    }
                    return new SequenceLengths(q.tokens(row), k.tokens(row));
                })
                .toList();
    }
}
