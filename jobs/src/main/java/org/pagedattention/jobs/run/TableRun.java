package org.pagedattention.jobs.run;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.ScoringCounters;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;

/** Runs one workload over tables, and accounts for their rows. */
public final class TableRun {
    private final SparkSession spark;
    private final String job;
    private final Work work;
    private final PagedAttentionConf conf;
    private final Function<StructType, WorkloadPlan> plan;
    private final Console console;
    private final Tally figures = new Tally();
    private final WorkProfile profile = new WorkProfile();
    private UnaryOperator<Dataset<Row>> order = UnaryOperator.identity();
    private Function<Dataset<Row>, OptionalLong> count = table -> OptionalLong.empty();

    /**
     * @param job what progress is called
     * @param work what is done to rows
     * @param plan makes the workload for tables with the columns that it gets
     */
    public TableRun(
            SparkSession spark,
            String job,
            Work work,
            PagedAttentionConf conf,
            Function<StructType, WorkloadPlan> plan,
            Console console) {
        this.spark = spark;
        this.job = job;
        this.work = work;
        this.conf = conf;
        this.plan = plan;
        this.console = console;
    }

    /** Has rows done in another order; returns this. */
    TableRun ordering(UnaryOperator<Dataset<Row>> ordered) {
        order = ordered;
        return this;
    }

    /**
     * Has progress told in parts of the whole; returns this.
     *
     * @param rows of a table, where they are known without reading it
     */
    TableRun counting(Function<Dataset<Row>, OptionalLong> rows) {
        count = rows;
        return this;
    }

    /**
     * Plans the workload over a table with {@code input}'s columns.
     *
     * @throws IllegalArgumentException when it cannot be run, or its results cannot be read from {@code format}
     */
    WorkloadPlan plan(StructType input, String format) {
        WorkloadPlan made = plan.apply(input);
        Tables.requireHeld(spark, TableScorer.outputSchema(input, made, conf), format);
        return made;
    }

    /**
     * Runs it from {@code table} into {@code target}, which does not get its marker here.
     *
     * @param quarantinePath where bad rows go; empty when they go nowhere
     * @return a checked account, of what readers find
     */
    public RowAccount run(Dataset<Row> table, OutputFolder target, SaveMode mode, String quarantinePath) {
        WorkloadPlan workload = plan(table.schema(), target.format());
        Quarantine quarantine = quarantinePath.isEmpty() ? null : Quarantine.at(quarantinePath, spark);
        ScoredTable scored = new TableScorer(conf, quarantine).score(order.apply(table), workload);
        long written;
        long aside;
        try (Progress progress = progress(scored.counters())) {
            progress.expect(() -> count.apply(table));
            written = Timeline.time("scoring", () -> target.write(scored.rows(), mode, tensors(workload)));
            aside = quarantine == null ? 0 : quarantine.publish(table);
        } catch (Throwable e) { // Spark throws checked exceptions without declaring them
            if (quarantine != null) {
                quarantine.discard(e);
            }
            throw e;
        }
        figures.add(scored.counters().tally());
        profile.add(scored.counters().profile());
        long found = Timeline.time("count", () -> target.rows(scored.rows().schema(), written));
        RowAccount account = new RowAccount(scored.counters().rows().value(), found, aside);
        return account.checked(target.path().toString());
    }

    private Progress progress(ScoringCounters counters) {
        return work.ofModels()
                ? Progress.show(spark, job, work.rows(), counters.sequences(), counters.tokens(), console)
                : Progress.show(spark, job, counters.sequences(), Progress.UNKNOWN, console);
    }

    private static List<String> tensors(WorkloadPlan workload) {
        return Arrays.stream(workload.results().fields())
                .filter(field -> field.dataType() instanceof ArrayType
                        || field.dataType().equals(DataTypes.BinaryType))
                .map(StructField::name)
                .toList();
    }

    /** Figures of all runs so far. */
    Tally figures() {
        return figures;
    }

    /** How all runs so far went. */
    WorkProfile profile() {
        return profile;
    }
}
