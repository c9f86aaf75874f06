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
        JavaRDD<InternalRow> plain =
                InputRows.of(table).mapPartitions(new ScoringTask(plan, layout, counters, quarantine));
        JavaRDD<InternalRow> scored = StageResources.of(conf, spark.sparkContext())
                .map(plain::withResources)
                .orElse(plain);
        return new ScoredTable(spark.internalCreateDataFrame(scored.rdd(), layout.output(), false), counters);
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
