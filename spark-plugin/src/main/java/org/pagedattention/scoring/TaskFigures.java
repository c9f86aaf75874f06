package org.pagedattention.scoring;

import java.util.Objects;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;

/** What one task counts, for its run and for its executor, and how long it is in each {@link Stage}. For its thread. */
final class TaskFigures {
    private final ScoringCounters run;
    private StageTimes times = new StageTimes();

    TaskFigures(ScoringCounters run) {
        this.run = run;
        times.enter(Stage.READ);
    }

    void countRow() {
        run.countRow();
    }

    void count(Figure figure, long count) {
        count(new Tally().add(figure, count));
    }

    void count(Tally tally) {
        run.count(tally);
        ExecutorMetrics.add(tally);
    }

    /** Ends the current stage and begins another; returns the one that ended. */
    Stage enter(Stage next) {
        return Objects.requireNonNull(times.enter(next), "time stands still");
    }

    /** Counts the time, at the end of the task. */
    void finish() {
        StageTimes spent = times;
        times = new StageTimes();
        times.enter(spent.enter(null));
        run.count(spent);
        count(Figure.ATTENTION_NANOS, spent.nanos(Stage.ATTENTION));
    }
}
