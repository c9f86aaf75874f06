package org.pagedattention.scoring;

import java.util.EnumMap;
import java.util.Map;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;

/** What one task counts, for its run and for its executor, and how long it is in each {@link Phase}. For its thread. */
final class TaskFigures {
    private final ScoringCounters run;
    private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    private Phase phase = Phase.READ;
    private long since = System.nanoTime();

    TaskFigures(ScoringCounters run) {
        this.run = run;
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

    /** Ends the current phase and begins another; returns the one that ended. */
    Phase enter(Phase next) {
        long now = System.nanoTime();
        nanos.merge(phase, now - since, Long::sum);
        since = now;
        Phase ended = phase;
        phase = next;
        return ended;
    }

    /** Counts the time, at the end of the task. */
    void finish() {
        enter(Phase.WRITE);
        nanos.forEach(run::countTime);
        count(Figure.ATTENTION_NANOS, nanos.getOrDefault(Phase.ATTENTION, 0L));
        nanos.clear();
    }
}
