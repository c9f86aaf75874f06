package org.pagedattention.cudnn.models;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.paging.PagedBatch;

/**
 * Some rows that lie end to end both where they are and where they go. Pure.
 *
 * @param from the first of them where they are
 * @param to the first of them where they go
 */
record RowRun(long from, long to, long count) {

    /** The runs that bring row {@code rows[i]} to row i. */
    static List<RowRun> of(int[] rows) {
        List<RowRun> runs = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= rows.length; i++) {
            if (i == rows.length || rows[i] != rows[i - 1] + 1) {
                runs.add(new RowRun(rows[start], start, i - start));
                start = i;
            }
        }
        return runs;
    }

    /** For each token the one that is {@code reach} behind it in its sequence, or itself where there is none. */
    static List<RowRun> ahead(PagedBatch tokens, int reach) {
        int[] rows = new int[tokens.queryTokens()];
        for (int s = 0; s < tokens.sequences(); s++) {
            int end = tokens.queryStart(s + 1);
            for (int t = tokens.queryStart(s); t < end; t++) {
                rows[t] = t + reach < end ? t + reach : t;
            }
        }
        return of(rows);
    }
}
