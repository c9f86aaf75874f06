package org.pagedattention.jobs.score;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.ScoringCounters;
import org.pagedattention.scoring.SequenceScorer;

/** Scores tables with the options of one job, and accounts for their rows. */
public final class ScoreRun {
    private static final List<String> TENSORS = List.of("o", "lse", "pooled");

    private final SparkSession spark;
    private final ScoringOptions options;
    private final Console console;
    private final List<ScoringCounters> figures = new ArrayList<>();

    public ScoreRun(SparkSession spark, ScoringOptions options, Console console) {
        this.spark = spark;
        this.options = options;
        this.console = console;
    }

    /**
     * Refuses a table that cannot be scored with these options, or whose results cannot be read from {@code format}.
     *
     * @throws IllegalArgumentException naming the column and the option
     */
    void requireScorable(StructType table, String format) {
        Tables.requireHeld(spark, SequenceScorer.outputSchema(table, options), format);
    }

    /**
     * Scores {@code table} into {@code target}, which does not get its marker here.
     *
     * @param quarantinePath where bad rows go; empty when they go nowhere
     * @return a checked account, of what readers find
     */
    public RowAccount run(Dataset<Row> table, OutputFolder target, SaveMode mode, String quarantinePath) {
        requireScorable(table.schema(), target.format());
        Quarantine quarantine = quarantinePath.isEmpty() ? null : Quarantine.at(quarantinePath, spark);
        ScoredTable scored = new SequenceScorer(options, quarantine).scoreAndCount(table);
        ScoringCounters counters = scored.counters();
        long written;
        long aside;
        try (Progress progress = Progress.show(spark, "score", counters.sequences(), Progress.UNKNOWN, console)) {
            written = Timeline.time("scoring", () -> target.write(scored.rows(), mode, TENSORS));
            aside = quarantine == null ? 0 : quarantine.publish(table);
        } catch (Throwable e) { // Spark throws checked exceptions without declaring them
            if (quarantine != null) {
                quarantine.discard(e);
            }
            throw e;
        }
        figures.add(counters);
        long there = written;
        RowAccount account = new RowAccount(
                counters.rows().value(),
                Timeline.time("count", () -> target.rows(scored.rows().schema(), there)),
                aside);
        return account.checked(target.path().toString());
    }

    /** Figures of all runs so far. */
    List<ScoringCounters> figures() {
        return figures;
    }
}
