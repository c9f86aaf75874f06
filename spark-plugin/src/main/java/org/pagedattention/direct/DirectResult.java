package org.pagedattention.direct;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pagedattention.columns.StageTimes;
import org.pagedattention.columns.StageTimes.Stage;
import org.pagedattention.executor.ScoredRows;

/**
 * What a run over the direct path did.
 *
 * @param rows what was scored
 * @param times of all tasks together
 * @param inputBytes read from row groups
 * @param outputBytes written
 * @param tasks that wrote a file
 * @param tableRows rows of the input, as its footers tell
 */
public record DirectResult(
        ScoredRows rows, StageTimes times, long inputBytes, long outputBytes, int tasks, long tableRows) {

    static DirectResult of(List<TaskResult> results, long tableRows) {
        ScoredRows rows = ScoredRows.NONE;
        StageTimes times = new StageTimes();
        long in = 0;
        long out = 0;
        for (TaskResult result : results) {
            rows = rows.plus(result.rows());
            times.add(result.times());
            in += result.inputBytes();
            out += result.outputBytes();
        }
        return new DirectResult(rows, times, in, out, results.size(), tableRows);
    }

    /** Where the time of the tasks' threads went: seconds by what they did, in the order of a piece's way. */
    public Map<String, Double> seconds() {
        Map<Stage, Long> nanos = times.nanos();
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (Stage stage : Stage.values()) {
            seconds.put(stage.name().toLowerCase(Locale.ROOT), nanos.getOrDefault(stage, 0L) / 1e9);
        }
        return seconds;
    }
}
