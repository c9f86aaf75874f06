package org.pagedattention.cudnn.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * Rows of a table in device memory: attention over pages of one row each, in which a query sees one key, the one of its
 * own number. What page tables are for, so that the host sends a number a token and not a row.
 */
record Lookup(Recipe recipe, Attention attention) {
    /** The shortest sequence that batches are rounded up to, so that all of them share a graph. */
    private static final int QUERIES = 256;

    private static final int[] HEAD_DIMS = {128, 64, 32, 16, 8};

    DeviceTensor of(DeviceTensor table, int[] rows) {
        RowStrides strides = new RowStrides(table.width(), table.stride(), table.stride());
        Recipe.Tables tables = recipe.tables(attention, spec(table), pages(table, rows), strides, true);
        long room = tables.planned().rows();
        return recipe.scope(() -> {
            DeviceTensor found = recipe.make(rows.length, table.columns(), table.type(), room);
            DeviceTensor zeros = recipe.make(rows.length, table.columns(), table.type(), room);
            recipe.add(new Step.Clear(zeros.region(), 0, rows.length));
            recipe.add(new Step.Attend(tables, "lookup of rows", zeros, table, table, found));
            return found;
        });
    }

    private static AttentionSpec spec(DeviceTensor table) {
        int dim = Arrays.stream(HEAD_DIMS)
                .filter(d -> table.width() % d == 0)
                .findFirst()
                .orElseThrow();
        int heads = table.width() / dim;
        return new AttentionSpec(
                heads, heads, dim, dim, table.type(), Mask.causal().withWindow(1), 1);
    }

    private static PagedBatch pages(DeviceTensor table, int[] rows) {
        int sequences = (rows.length + QUERIES - 1) / QUERIES;
        int[][] named = new int[sequences][];
        List<SequenceLengths> lengths = new ArrayList<>(sequences);
        for (int s = 0; s < sequences; s++) {
            named[s] = Arrays.copyOfRange(rows, s * QUERIES, Math.min(rows.length, (s + 1) * QUERIES));
            lengths.add(new SequenceLengths(named[s].length, named[s].length));
        }
        PageTable pages = new PageTable(named);
        return PagedBatch.of(PageLayout.PADDED, 1, lengths, pages, pages, table.rows());
    }
}
