package org.pagedattention.scoring.models;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Histogram;
import org.pagedattention.prefix.PrefixPasses;
import org.pagedattention.scoring.BadRow;
import org.pagedattention.scoring.input.InputRows;

/**
 * What some rows of a table come to before a model computes them.
 *
 * @param lengths tokens of a row that take part
 * @param truncated rows with tokens that do not
 * @param bad rows that have none
 * @param problem of the first of these; null without any
 * @param page tokens of a page, where what rows begin with in common counts; 0 where it does not
 * @param distinct tokens that are left where those that rows begin with in common count once, in whole pages
 */
public record RowSample(
        Histogram lengths,
        long truncated,
        long bad,
        @Nullable String problem,
        int page,
        long distinct) {

    /** What a row comes to. */
    record Tokens(List<int[]> parts, boolean truncated) {
        int count() {
            return parts.stream().mapToInt(part -> part.length).sum();
        }
    }

    /** Makes tokens of a row. */
    interface Reader {
        Tokens read(InternalRow row) throws BadRow;
    }

    /**
     * Looks at all rows of a small table, on the calling thread.
     *
     * @param page tokens of a page; 0 where common beginnings do not count
     */
    static RowSample of(Dataset<Row> table, int page, Reader reader) {
        Histogram lengths = new Histogram();
        List<int[]> parts = new ArrayList<>();
        long truncated = 0;
        long bad = 0;
        String problem = null;
        Iterator<InternalRow> rows =
                InputRows.of(InputRows.classic(table)).map(InternalRow::copy).toLocalIterator();
        while (rows.hasNext()) {
            try {
                Tokens tokens = reader.read(rows.next());
                lengths.add(tokens.count());
                truncated += tokens.truncated() ? 1 : 0;
                if (page > 0) {
                    parts.addAll(tokens.parts());
                }
            } catch (BadRow e) {
                problem = bad++ == 0 ? e.getMessage() : problem;
            }
        }
        long distinct = page > 0 ? PrefixPasses.distinct(parts, page) : lengths.sum();
        return new RowSample(lengths, truncated, bad, problem, page, distinct);
    }
}
