package org.pagedattention.executor;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/** How much some work did, figure by figure. For one thread at a time. */
public final class Tally implements Serializable {
    private static final long serialVersionUID = 1;

    private final EnumMap<Figure, Long> counted = new EnumMap<>(Figure.class);
    private final Histogram lengths = new Histogram();

    /** One batch, as it lies in its pages. */
    public static Tally of(PagedBatch batch) {
        return new Tally()
                .add(Figure.BATCHES, 1)
                .add(Figure.SEQUENCES, batch.sequences())
                .add(Figure.QUERY_TOKENS, batch.queryTokens())
                .add(Figure.KV_TOKENS, batch.kvTokens())
                .add(Figure.WASTED_SLOTS, batch.containerTokens() - batch.kvTokens())
                .addLengths(batch.allLengths());
    }

    /** Rows of these lengths. */
    public static Tally of(List<SequenceLengths> rows) {
        return new Tally()
                .add(Figure.SEQUENCES, rows.size())
                .add(
                        Figure.QUERY_TOKENS,
                        rows.stream().mapToLong(SequenceLengths::queryTokens).sum())
                .add(
                        Figure.KV_TOKENS,
                        rows.stream().mapToLong(SequenceLengths::kvTokens).sum())
                .addLengths(rows);
    }

    public Tally add(Figure figure, long count) {
        counted.merge(figure, count, Long::sum);
        return this;
    }

    public Tally add(Tally other) {
        other.counted.forEach(this::add);
        lengths.add(other.lengths);
        return this;
    }

    /** Adds how long rows are, each by the longer of its two sides. */
    public Tally addLengths(List<SequenceLengths> rows) {
        rows.forEach(row -> lengths.add(row.tokens()));
        return this;
    }

    /** Tokens of a row, of the rows that were counted. */
    public Histogram lengths() {
        return lengths;
    }

    /** The figure; 0 when nobody counted it. */
    public long get(Figure figure) {
        return counted.getOrDefault(figure, 0L);
    }

    /** All figures that were counted. */
    public Map<Figure, Long> figures() {
        return new EnumMap<>(counted);
    }
}
