package org.pagedattention.scoring;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;

/**
 * Scores tables of sequences with attention. One row is one sequence; every row comes out again, in its partition's
 * order, with the result columns behind the carried ones. Keys and values that many rows have in common may lie in a table
 * of their own, see {@link Histories}.
 *
 * <pre>{@code
 * AttentionSpec spec = new AttentionSpec(12, 12, 64, 64, ElementType.FP16, Mask.causal(), AttentionSpec.defaultScale(64));
 * Dataset<Row> scored = new SequenceScorer(ScoringOptions.builder(spec).build()).score(spark.read().parquet("in"));
 * }</pre>
 */
public final class SequenceScorer {
    private final ScoringOptions options;
    private final TableScorer tables;

    public SequenceScorer(ScoringOptions options) {
        this(options, null);
    }

    /**
     * A scorer that puts bad rows aside.
     *
     * @param quarantine where they go; needed when the settings say {@code onBadRow=quarantine}, and only then
     * @throws IllegalArgumentException when the settings say otherwise
     */
    public SequenceScorer(ScoringOptions options, @Nullable Quarantine quarantine) {
        this.options = options;
        tables = new TableScorer(options.conf(), quarantine);
    }

    /**
     * Plans scoring of {@code input}; attention runs when the result is used. Where the input needs a shuffle, Spark may
     * run that part now. Parquet and ORC files are decoded row by row for it, unless the session says how many rows Spark
     * decodes at once, and Parquet files are read without vectored IO, with which Spark gives other values than some files
     * hold. What Spark has cached before is taken as it is.
     *
     * @return the carried columns and the result columns, {@link Emit} says of what type
     * @throws IllegalArgumentException when a tensor column is missing or of the wrong type, or when settings ask for
     *     resources that this cluster cannot give to a stage of its own, or for vectored IO with Spark's vectorised reader
     */
    public Dataset<Row> score(Dataset<Row> input) {
        return scoreAndCount(input).rows();
    }

    /** Does what {@link #score} does, and tells what is counted on the way. */
    public ScoredTable scoreAndCount(Dataset<Row> input) {
        return tables.score(input, plan(input.schema(), options));
    }

    /**
     * Plans attention of rows to histories of another table. Rows have q and a key; they come out sorted by the key, with
     * their own columns and the result columns, without q, and of {@link Histories#prefixes} also without k and v. Which keys the rows have, and how many of each, is counted now.
     *
     * @throws IllegalArgumentException as of {@link #score(Dataset)}
     */
    public Dataset<Row> score(Dataset<Row> queries, Histories histories) {
        return scoreAndCount(queries, histories).rows();
    }

    /** Does what {@link #score(Dataset, Histories)} does, and tells what is counted on the way. */
    public ScoredTable scoreAndCount(Dataset<Row> queries, Histories histories) {
        return tables.score(histories.with(queries, options), histories.plan(queries.schema(), options));
    }

    /**
     * Attention over tables with the columns of {@code input}, for {@link TableScorer}.
     *
     * @throws IllegalArgumentException when a tensor column is missing or of the wrong type
     */
    public static WorkloadPlan plan(StructType input, ScoringOptions options) {
        AttentionPlan attention = AttentionPlan.of(input, options);
        return options.dedupe() ? new DedupeWorkload.Plan(attention) : attention;
    }

    /**
     * The columns that {@link #score} makes of a table with {@code input}'s.
     *
     * @throws IllegalArgumentException when a tensor column is missing or of the wrong type
     */
    public static StructType outputSchema(StructType input, ScoringOptions options) {
        return TableScorer.outputSchema(input, plan(input, options), options.conf());
    }
}
