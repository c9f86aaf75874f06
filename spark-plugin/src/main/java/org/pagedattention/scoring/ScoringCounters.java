package org.pagedattention.scoring;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;

/**
 * Figures of a scoring run, added up over its tasks. Where the scored rows are written without a shuffle behind the
 * scoring, Spark counts each task once, however often it tried; otherwise a task that ran twice counts twice.
 */
public final class ScoringCounters implements Serializable {
    private static final long serialVersionUID = 1;

    private final LongAccumulator rows;
    private final Map<Figure, LongAccumulator> figures = new EnumMap<>(Figure.class);
    private final Map<Phase, LongAccumulator> nanos = new EnumMap<>(Phase.class);

    ScoringCounters(SparkContext context) {
        rows = context.longAccumulator("rows read");
        for (Figure figure : Figure.values()) {
            if (figure.countedByTasks()) {
                figures.put(figure, context.longAccumulator(figure.metric()));
            }
        }
        for (Phase phase : Phase.values()) {
            nanos.put(phase, context.longAccumulator("nanoseconds: " + phase.label()));
        }
    }

    void countRow() {
        rows.add(1L);
    }

    void count(Tally tally) {
        tally.figures().forEach((figure, count) -> of(figure).add(count));
    }

    void countTime(Phase phase, long spent) {
        nanos(phase).add(spent);
    }

    /** Rows that came in. */
    public LongAccumulator rows() {
        return rows;
    }

    /** Rows that were scored; grows while tasks run. */
    public LongAccumulator sequences() {
        return of(Figure.SEQUENCES);
    }

    /**
     * A figure that tasks count, such as tokens, batches or bad rows.
     *
     * @throws IllegalArgumentException for one that backends count
     */
    public long value(Figure figure) {
        return of(figure).value();
    }

    /** Nanoseconds that tasks were in a phase, added up over the tasks. */
    public LongAccumulator nanos(Phase phase) {
        return Objects.requireNonNull(nanos.get(phase));
    }

    private LongAccumulator of(Figure figure) {
        LongAccumulator counted = figures.get(figure);
        if (counted == null) {
            throw new IllegalArgumentException(figure + " is counted by backends");
        }
        return counted;
    }
}
