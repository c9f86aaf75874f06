package org.pagedattention.jobs.explain;

import java.util.function.IntFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Histogram;
import org.pagedattention.executor.Tally;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;

/**
 * How fast some rows were computed, whose results nobody kept.
 *
 * @param figures of these rows
 * @param lengths tokens of each
 * @param seconds that they took
 */
record TimedRun(Tally figures, Histogram lengths, double seconds) {
    /** Rows of a task in the first run, which also loads what all others find there. */
    private static final int FEWEST = 8;

    private static final int GROWTH = 4;
    private static final double ENOUGH_SECONDS = 2;
    private static final double MOST_SECONDS = 12;

    /**
     * Computes more and more rows of a sample until that takes long enough to tell.
     *
     * @param conf says what becomes of bad rows: they must not end it
     * @param slots tasks at once
     */
    static TimedRun of(Dataset<Row> sample, WorkloadPlan plan, PagedAttentionConf conf, int slots) {
        TableScorer scorer = new TableScorer(conf, null);
        return grown(FEWEST * slots, rows -> run(scorer.score(sample.limit(rows).repartition(slots), plan)));
    }

    /**
     * The last of some runs of more and more rows, of which the first never counts.
     *
     * @param first rows of the first
     */
    static TimedRun grown(int first, IntFunction<TimedRun> run) {
        TimedRun last = run.apply(first);
        double seconds = last.seconds;
        long before = -1;
        for (int rows = first; seconds < MOST_SECONDS; rows *= GROWTH) {
            last = run.apply(rows);
            seconds += last.seconds;
            long done = last.figures.get(Figure.SEQUENCES);
            if (last.seconds > ENOUGH_SECONDS || done == before) {
                break;
            }
            before = done;
        }
        return last;
    }

    private static TimedRun run(ScoredTable scored) {
        long start = System.nanoTime();
        scored.rows().write().format("noop").mode(SaveMode.Overwrite).save();
        double seconds = (System.nanoTime() - start) / 1e9;
        return new TimedRun(
                scored.counters().tally(), scored.counters().profile().lengths(), seconds);
    }

    long rows() {
        return figures.get(Figure.SEQUENCES);
    }

    long tokens() {
        return figures.get(Figure.QUERY_TOKENS);
    }
}
