package org.pagedattention.scoring;

import java.util.Objects;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;

/** What one task counts, for its run and for its executor, and how long it is in each {@link Stage}. For its thread. */
final class TaskFigures {
    private final ScoringCounters run;
    /** The executor that the task runs on. */
    private final String place;

    private final Tally done = new Tally();
    private final long began = System.currentTimeMillis();
    private WorkProfile profile = new WorkProfile();
    private StageTimes times = new StageTimes();
    /** When the last batch was done, in milliseconds since 1970. */
    private long counted = began;

    TaskFigures(ScoringCounters run, String place) {
        this.run = run;
        this.place = place;
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
        done.add(tally);
        if (tally.get(Figure.SEQUENCES) > 0) {
            long now = System.currentTimeMillis();
            profile.add(tally, counted, now);
            counted = now;
        }
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
        profile.endTask(
                place,
                spent,
                done.get(Figure.SEQUENCES),
                done.get(Figure.QUERY_TOKENS),
                System.currentTimeMillis() - began);
        run.count(profile);
        profile = new WorkProfile();
    }
}
