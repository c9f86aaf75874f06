package org.pagedattention.jobs.run;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.jobs.cli.Versions;
import org.pagedattention.jobs.table.RowAccount;

/**
 * What a job says at its end, for programs.
 *
 * @param output the table that was written
 * @param rows where they went, those of earlier runs that this one went on with included; null where all was done before
 * @param counted figures of this run, by their names among Spark's metrics
 * @param seconds that this run took
 * @param perSecond texts or sequences, and tokens
 * @param backend what computed, and why
 */
record SummaryFile(
        String job,
        String version,
        String output,
        @Nullable RowAccount rows,
        Map<String, Long> counted,
        double seconds,
        Map<String, Double> perSecond,
        String backend) {

    static SummaryFile of(
            String job, String output, Work work, RowAccount rows, Tally figures, double seconds, String backend) {
        Map<String, Long> counted = new TreeMap<>();
        figures.figures().forEach((figure, count) -> counted.put(figure.metric(), count));
        Map<String, Double> perSecond = Map.of(
                work.rows(),
                figures.get(Figure.SEQUENCES) / seconds,
                "tokens",
                figures.get(Figure.QUERY_TOKENS) / seconds);
        return new SummaryFile(
                job, Versions.product(), output, rows, counted, seconds, new TreeMap<>(perSecond), backend);
    }

    /** Of a run that found all done. */
    static SummaryFile nothingToDo(String job, String output, String backend) {
        return new SummaryFile(job, Versions.product(), output, null, Map.of(), 0, Map.of(), backend);
    }
}
