package org.pagedattention.direct;

import java.util.List;
import org.pagedattention.columns.ScoredRows;
import org.pagedattention.columns.StageTimes;

/**
 * What a run over the direct path did.
 *
 * @param rows what was scored
 * @param times of all tasks together
 * @param inputBytes read from row groups
 * @param outputBytes written
 * @param tasks that wrote a file
 */
public record DirectResult(ScoredRows rows, StageTimes times, long inputBytes, long outputBytes, int tasks) {

    static DirectResult of(List<TaskResult> results) {
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
        return new DirectResult(rows, times, in, out, results.size());
    }
}
