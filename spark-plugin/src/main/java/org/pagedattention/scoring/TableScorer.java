package org.pagedattention.scoring;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.OnBadRow;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.scoring.input.InputRows;

/**
 * Rows in, rows out, for any workload: every row comes out again, in its partition's order, with the result columns behind
 * the carried ones.
 */
public final class TableScorer {
    /** Says what is wrong with a row, where bad rows are kept; null for good ones. */
    public static final String ERROR_COLUMN = "error";

    private final PagedAttentionConf conf;
    private final @Nullable Quarantine quarantine;

    /**
     * @param conf what becomes of bad rows, and what the scoring stage asks Spark for
     * @param quarantine where bad rows go; needed when the settings say {@code onBadRow=quarantine}, and only then
     * @throws IllegalArgumentException when the settings say otherwise
     */
    public TableScorer(PagedAttentionConf conf, @Nullable Quarantine quarantine) {
        boolean wanted = conf.onBadRow() == OnBadRow.QUARANTINE;
        if (wanted != (quarantine != null)) {
            throw new IllegalArgumentException(
                    wanted
                            ? PagedAttentionConf.PREFIX
                                    + "onBadRow is quarantine, but nothing says where bad rows go: give"
                                    + " the scorer a Quarantine"
                            : "a quarantine path was given, but bad rows " + conf.onBadRow()
                                    + ": set spark.pagedAttention.onBadRow to quarantine");
        }
        this.conf = conf;
        this.quarantine = quarantine;
    }

    /**
     * Plans a workload over {@code input}; it runs when the result is used. Where the input needs a shuffle, Spark may run
     * that part now. Parquet and ORC files are decoded row by row for it, unless the session says how many rows Spark
     * decodes at once, and Parquet files are read without vectored IO, with which Spark gives other values than some files
     * hold. What Spark has cached before is taken as it is.
     *
     * @param plan made for tables with the columns of {@code input}
     * @throws IllegalArgumentException when the name of a result is taken, or when settings ask for resources that this
     *     cluster cannot give to a stage of its own, or for vectored IO with Spark's vectorised reader
     */
    public ScoredTable score(Dataset<Row> input, WorkloadPlan plan) {
        RowLayout layout = RowLayout.of(plan.table(input.schema()), plan, conf.onBadRow());
        org.apache.spark.sql.classic.Dataset<Row> table = InputRows.classic(input);
        SparkSession spark = table.sparkSession();
        ScoringCounters counters = new ScoringCounters(spark.sparkContext());
        JavaRDD<InternalRow> scored = score(InputRows.of(table), new ScoringTask(plan, layout, counters, quarantine));
        return new ScoredTable(spark.internalCreateDataFrame(scored.rdd(), layout.output(), false), counters);
    }

    /**
     * Plans a workload over rows that Spark has already planned to read, as part of a query.
     *
     * @param input the columns of the rows
     * @param plan made for tables with these columns
     * @return rows with the columns of {@link #outputSchema}, each of which lives until the next one is asked for
     * @throws IllegalArgumentException when the name of a result is taken, or when settings ask for resources that this
     *     cluster cannot give to a stage of its own
     */
    public JavaRDD<InternalRow> score(JavaRDD<InternalRow> rows, StructType input, WorkloadPlan plan) {
        RowLayout layout = RowLayout.of(plan.table(input), plan, conf.onBadRow());
        ScoringCounters counters = new ScoringCounters(rows.context());
        return score(rows, new ScoringTask(plan, layout, counters, quarantine));
    }

    private JavaRDD<InternalRow> score(JavaRDD<InternalRow> rows, ScoringTask task) {
        JavaRDD<InternalRow> plain = rows.mapPartitions(task);
        return StageResources.of(conf, rows.context()).map(plain::withResources).orElse(plain);
    }

    /**
     * The columns that {@link #score} makes of a table with {@code input}'s.
     *
     * @throws IllegalArgumentException when the name of a result is taken
     */
    public static StructType outputSchema(StructType input, WorkloadPlan plan, PagedAttentionConf conf) {
        return RowLayout.of(plan.table(input), plan, conf.onBadRow()).output();
    }
}
