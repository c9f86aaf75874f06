package org.pagedattention.cudnn.models;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * Pages over rows that lie end to end, so that attention with one query a sequence reads some of them: a query of zeros
 * weighs all of its keys alike. Pure.
 */
final class PoolPages {
    private static final int PAGE = Recipe.SLACK_ROWS;

    private PoolPages() {}

    /** The tokens of each sequence, but for the first {@code skipped}. */
    static PagedBatch all(PagedBatch tokens, int skipped) {
        return of(
                tokens.sequences(),
                tokens.queryTokens(),
                s -> tokens.queryStart(s) + skipped,
                s -> Math.max(0, count(tokens, s) - skipped));
    }

    /** The first token of each sequence behind {@code skipped} others. */
    static PagedBatch first(PagedBatch tokens, int skipped) {
        return of(
                tokens.sequences(),
                tokens.queryTokens(),
                s -> tokens.queryStart(s) + skipped,
                s -> count(tokens, s) > skipped ? 1 : 0);
    }

    /** The last token of each sequence that has more than {@code skipped}. */
    static PagedBatch last(PagedBatch tokens, int skipped) {
        return of(
                tokens.sequences(),
                tokens.queryTokens(),
                s -> tokens.queryStart(s + 1) - 1,
                s -> count(tokens, s) > skipped ? 1 : 0);
    }

    private static int count(PagedBatch tokens, int sequence) {
        return tokens.lengths(sequence).queryTokens();
    }

    private static PagedBatch of(int sequences, int rows, IntUnaryOperator start, IntUnaryOperator count) {
        int[][] table = new int[sequences][];
        for (int s = 0; s < sequences; s++) {
            int first = start.applyAsInt(s);
            table[s] = IntStream.range(0, PagedBatch.pagesFor(count.applyAsInt(s), PAGE))
                    .map(p -> first + p * PAGE)
                    .toArray();
        }
        List<SequenceLengths> lengths = IntStream.range(0, sequences)
                .mapToObj(s -> new SequenceLengths(1, count.applyAsInt(s)))
                .toList();
        PageTable pages = new PageTable(table);
        return PagedBatch.of(PageLayout.PACKED, PAGE, lengths, pages, pages, rows + PAGE - 1);
    }
}
