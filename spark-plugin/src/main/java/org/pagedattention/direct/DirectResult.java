package org.pagedattention.direct;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;

/**
 * What a run over the direct path did.
 *
 * @param tally what was scored
 * @param times of all tasks together
 * @param profile how the work went
 * @param inputBytes read from row groups
 * @param outputBytes written
 * @param tasks that wrote a file
 * @param tableRows rows of the input, as its footers tell
 */
public record DirectResult(
        Tally tally,
        StageTimes times,
        WorkProfile profile,
        long inputBytes,
        long outputBytes,
        int tasks,
        long tableRows) {

    static DirectResult of(List<TaskResult> results, long tableRows) {
        Tally tally = new Tally();
        StageTimes times = new StageTimes();
        WorkProfile profile = new WorkProfile();
        long in = 0;
        long out = 0;
        for (TaskResult result : results) {
            tally.add(result.tally());
            times.add(result.times());
            profile.add(result.profile());
            in += result.inputBytes();
            out += result.outputBytes();
        }
        return new DirectResult(tally, times, profile, in, out, results.size(), tableRows);
    }

    /** Where the time of the tasks' threads went: seconds by what they did, in the order of a piece's way. */
    public Map<String, Double> seconds() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        times.nanos().forEach((stage, nanos) -> seconds.put(stage.label(), nanos / 1e9));
        return seconds;
    }
}
