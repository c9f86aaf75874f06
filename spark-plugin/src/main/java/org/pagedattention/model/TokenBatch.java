package org.pagedattention.model;

import java.util.List;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageSize;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * The tokens of some rows, end to end, and the pages they lie in. A layer's keys and values, one row a token, are a
 * packed container as they are, so one page table serves all layers.
 *
 * @param ids of all tokens
 * @param types of all tokens
 * @param pages one sequence a row
 */
public record TokenBatch(int[] ids, int[] types, PagedBatch pages) {

    /** Packs rows one behind the other. */
    public static TokenBatch of(List<TokenIds> rows) {
        List<SequenceLengths> lengths = rows.stream()
                .map(row -> new SequenceLengths(row.length(), row.length()))
                .toList();
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, PageSize.DEFAULT, lengths);
        int[] ids = new int[pages.queryTokens()];
        int[] types = new int[ids.length];
        for (int i = 0; i < rows.size(); i++) {
            TokenIds row = rows.get(i);
            System.arraycopy(row.ids(), 0, ids, pages.queryStart(i), row.length());
            System.arraycopy(row.types(), 0, types, pages.queryStart(i), row.length());
        }
        return new TokenBatch(ids, types, pages);
    }

    public int tokens() {
        return ids.length;
    }
}
