package org.pagedattention.scoring;

import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;

/**
 * Figures of a scoring run, added up over its tasks. Where the scored rows are written without a shuffle behind the
 * scoring, Spark counts each task once, however often it tried; otherwise a task that ran twice counts twice.
 */
public final class ScoringCounters implements Serializable {
    private static final long serialVersionUID = 1;

    /** What tasks that score rows may be doing, in the order of a row's way. */
    public static final Set<Stage> STAGES =
            Collections.unmodifiableSet(EnumSet.of(Stage.READ, Stage.PACK, Stage.ATTENTION, Stage.ENCODE, Stage.WRITE));

    private final LongAccumulator rows;
    private final Map<Figure, LongAccumulator> figures = new EnumMap<>(Figure.class);
    private final Map<Stage, LongAccumulator> nanos = new EnumMap<>(Stage.class);
    private final Profiles profiles = new Profiles();

    ScoringCounters(SparkContext context) {
        rows = context.longAccumulator("rows read");
        for (Figure figure : Figure.values()) {
            if (figure.countedByTasks()) {
                figures.put(figure, context.longAccumulator(figure.metric()));
            }
        }
        for (Stage stage : STAGES) {
            nanos.put(stage, context.longAccumulator("nanoseconds: " + stage.label()));
        }
        // without a name, Spark's pages leave it out
        context.register(profiles);
    }

    void countRow() {
        rows.add(1L);
    }

    void count(Tally tally) {
        tally.figures().forEach((figure, count) -> of(figure).add(count));
    }

    void count(StageTimes times) {
        times.nanos().forEach((stage, spent) -> nanos(stage).add(spent));
    }

    void count(WorkProfile task) {
        profiles.add(task);
    }

    /** How the work of tasks that ended went. */
    public WorkProfile profile() {
        return profiles.value();
    }

    /** Rows that came in. */
    public LongAccumulator rows() {
        return rows;
    }

    /** Rows that were scored; grows while tasks run. */
    public LongAccumulator sequences() {
        return of(Figure.SEQUENCES);
    }

    /** Query tokens of rows that were scored; grows while tasks run. */
    public LongAccumulator tokens() {
        return of(Figure.QUERY_TOKENS);
    }

    /**
     * A figure that tasks count, such as tokens, batches or bad rows.
     *
     * @throws IllegalArgumentException for one that backends count
     */
    public long value(Figure figure) {
        return of(figure).value();
    }

    /** All that tasks count. */
    public Tally tally() {
        Tally all = new Tally();
        figures.forEach((figure, counted) -> all.add(figure, counted.value()));
        return all;
    }

    /** Nanoseconds that tasks were in a stage, added up over the tasks. */
    public LongAccumulator nanos(Stage stage) {
        return Objects.requireNonNull(nanos.get(stage));
    }

    private LongAccumulator of(Figure figure) {
        LongAccumulator counted = figures.get(figure);
        if (counted == null) {
            throw new IllegalArgumentException(figure + " is counted by backends");
        }
        return counted;
    }

    /** Adds up what tasks say at their end. */
    private static final class Profiles extends AccumulatorV2<WorkProfile, WorkProfile> {
        private static final long serialVersionUID = 1;

        private WorkProfile sum = new WorkProfile();

        @Override
        public boolean isZero() {
            return sum.isEmpty();
        }

        @Override
        public Profiles copy() {
            Profiles copy = new Profiles();
            copy.sum.add(sum);
            return copy;
        }

        @Override
        public void reset() {
            sum = new WorkProfile();
        }

        @Override
        public void add(WorkProfile task) {
            sum.add(task);
        }

        @Override
        public void merge(AccumulatorV2<WorkProfile, WorkProfile> other) {
            sum.add(other.value());
        }

        @Override
        public WorkProfile value() {
            return sum;
        }
    }
}
