package org.pagedattention.jobs.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pagedattention.executor.Stage;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.scoring.ScoringCounters;

/**
 * Where the time of one scoring job went.
 *
 * @param millis from start to end
 * @param taskMillis what its tasks did, added up over them
 */
record ScoreTime(double millis, Map<Stage, Double> taskMillis) {

    static ScoreTime of(double millis, ScoringCounters counters) {
        Map<Stage, Double> tasks = new EnumMap<>(Stage.class);
        for (Stage stage : ScoringCounters.STAGES) {
            tasks.put(stage, counters.nanos(stage).value() / 1e6);
        }
        return new ScoreTime(millis, tasks);
    }

    /** The run that took the median time; of an even number the slower one in the middle. */
    static ScoreTime median(List<ScoreTime> runs) {
        return TableBench.median(runs, ScoreTime::millis);
    }

    /** The part of the tasks' time that is not attention. */
    double shareWithoutAttention() {
        return 1 - taskMillis.getOrDefault(Stage.ATTENTION, 0.0) / allTaskMillis();
    }

    JsonLine json() {
        JsonLine json = new JsonLine();
        taskMillis.forEach((stage, spent) -> json.number(stage.label(), spent, 1));
        return json;
    }

    void addTo(TextTable table) {
        taskMillis.forEach((stage, spent) -> table.row(
                "tasks, " + stage.label(),
                String.format(Locale.ROOT, "%.0f ms, %.0f%%", spent, 100 * spent / allTaskMillis())));
        table.row("not attention", String.format(Locale.ROOT, "%.0f%%", 100 * shareWithoutAttention()));
    }

    private double allTaskMillis() {
        return taskMillis.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
