package org.pagedattention.scoring.models;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Weightless;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.loading.ModelFolder;
import org.pagedattention.loading.ModelUse;
import org.pagedattention.loading.SharedModel;
import org.pagedattention.paging.PageSize;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;

/**
 * Says how probable a language model finds the texts of a table, or continuations behind their contexts, by the definitions
 * of lm-evaluation-harness. Every row comes out again, in its partition's order, with {@code log_likelihood} (DOUBLE, the sum
 * over its tokens, in nats), {@code tokens} (INT, how many were scored), {@code is_greedy} (BOOLEAN, whether each was the
 * most probable one), {@code truncated} (BOOLEAN, whether the row has tokens that took no part), of texts also {@code bytes}
 * and {@code word_count} (INT), and on request {@code token_log_probs} (ARRAY&lt;FLOAT&gt;) behind its columns; of these, columns
 * of token ids are used up. Tokens with which rows begin in common are computed once, as far as they fill pages and the rows
 * are near each other: {@link #grouped} brings them there.
 *
 * <pre>{@code
 * LikelihoodRequest request =
 *         LikelihoodRequest.of("/models/Qwen3-0.6B", LikelihoodColumns.continuation("question", "answer"));
 * Dataset<Row> scored = new LogLikelihood(request, LikelihoodOptions.defaults()).score(spark.read().parquet("in"));
 * }</pre>
 */
public final class LogLikelihood {
    private final LikelihoodRequest request;
    private final LikelihoodOptions options;
    private final @Nullable Quarantine quarantine;
    private final Configuration hadoop;
    private final ModelFolder folder;

    /**
     * Finds the model's folder; what is done with this is done with the model as it is now. Wants an active Spark session.
     *
     * @throws IllegalArgumentException when it is not there
     */
    public LogLikelihood(LikelihoodRequest request, LikelihoodOptions options) {
        this(request, options, null);
    }

    /**
     * One that puts bad rows aside.
     *
     * @param quarantine where they go; needed when the settings say {@code onBadRow=quarantine}, and only then
     * @throws IllegalArgumentException when the model is not there
     */
    public LogLikelihood(LikelihoodRequest request, LikelihoodOptions options, @Nullable Quarantine quarantine) {
        this.request = request;
        this.options = options;
        this.quarantine = quarantine;
        hadoop = SparkSession.active().sparkContext().hadoopConfiguration();
        folder = ModelFolder.of(request.model(), hadoop);
    }

    /**
     * Plans the log-likelihoods of {@code input}; they are computed when the result is used.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type, or when something in the model's
     *     folder is not understood
     */
    public Dataset<Row> score(Dataset<Row> input) {
        return scoreAndCount(input).rows();
    }

    /** Does what {@link #score} does, and tells what is counted on the way. */
    public ScoredTable scoreAndCount(Dataset<Row> input) {
        var unused = description();
        return new TableScorer(request.conf(), quarantine).score(input, plan(input.schema()));
    }

    /**
     * The rows of a table in another order: those that begin alike are neighbours, and all tasks get about as many rows,
     * however many have one beginning in common. Shuffles the table.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public Dataset<Row> grouped(Dataset<Row> input) {
        var unused = LikelihoodSource.of(input.schema(), request);
        return PrefixOrder.of(input, request.columns());
    }

    /**
     * What {@link #score} does to tables with the columns of {@code input}, for {@link TableScorer}.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public WorkloadPlan plan(StructType input) {
        return new LikelihoodPlan(
                request, options, LikelihoodSource.of(input, request), folder, new SerializableConfiguration(hadoop));
    }

    /**
     * The columns that {@link #score} makes of a table with {@code input}'s.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public StructType outputSchema(StructType input) {
        return TableScorer.outputSchema(input, plan(input), request.conf());
    }

    /**
     * What is understood of the model, in a line.
     *
     * @throws IllegalArgumentException when something in its folder is not
     */
    public String description() {
        return facts().description();
    }

    /**
     * What is understood of the model.
     *
     * @throws IllegalArgumentException when something in its folder is not
     */
    public ModelFacts facts() {
        try (Weightless nothing = new Weightless();
                LikelihoodModel model =
                        LikelihoodModel.open(folder.open(hadoop), nothing, options, request.maxTokens())) {
            return new ModelFacts(
                    model.description(), model.card(), model.longest(), nothing.weights(), nothing.tables());
        }
    }

    /**
     * What the rows of a small table come to before the model computes them; nothing is computed.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public RowSample measure(Dataset<Row> table) {
        LikelihoodSource source = LikelihoodSource.of(table.schema(), request);
        try (ModelBackend nothing = new Weightless();
                LikelihoodModel model =
                        LikelihoodModel.open(folder.open(hadoop), nothing, options, request.maxTokens())) {
            return RowSample.of(table, options.sharePrefixes() ? PageSize.DEFAULT : 0, row -> {
                ScoredRow read = source.read(row, model.rules()).row();
                return new RowSample.Tokens(
                        read.parts().stream().map(ScoredTokens::fed).toList(), read.truncated());
            });
        }
    }

    /**
     * Loads the model in this process, as tasks here will, so that they find it there.
     *
     * @param threads CPU threads of a task
     */
    public void load(int threads) {
        SharedModel.of(new ModelUse.Likelihood(options), request.maxTokens(), folder, request.conf(), threads)
                .borrow(hadoop)
                .close();
    }

    /** The state of the model's files in words, which are others when a file that counts has changed. */
    public String modelState() {
        return String.join(", ", folder.files());
    }
}
