package org.pagedattention.jobs.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.jobs.options.ContinuationOptions;
import org.pagedattention.jobs.options.PromptOptions;
import org.pagedattention.jobs.options.TextOptions;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.models.LogLikelihood;
import org.pagedattention.scoring.models.TextClassifier;
import org.pagedattention.scoring.models.TextEmbedder;
import org.pagedattention.tensor.Tolerance;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is compared where a model made the results. */
final class ModelOptions {
    private static final double SIXTEEN_BITS = 2e-2;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            description = "Folder of the model that made --scored, where embed, classify or loglikelihood did")
    private @Nullable String folder;

    @Mixin
    private final TextOptions text = new TextOptions();

    @Mixin
    private final ContinuationOptions continuation = new ContinuationOptions();

    @Mixin
    private final PromptOptions prompts = new PromptOptions();

    @Option(names = "--pair", paramLabel = "COL", description = "Column of second texts, as classify was given it")
    private @Nullable String pair;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "1e-5",
            description =
                    "Largest difference of a model's numbers, and of their value beyond 1 (default: 1e-5, for fp32; what a"
                            + " GPU computed is of 16 bits: 2e-3 for vectors, 2e-2 for log-likelihoods)")
    private double tolerance = 1e-5;

    @Mixin
    final ReferenceVectors reference = new ReferenceVectors();

    boolean given() {
        return folder != null || reference.given();
    }

    Tolerance tolerance() {
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new IllegalArgumentException("--tolerance " + tolerance + " is no difference: give 0 or more");
        }
        return new Tolerance(tolerance, tolerance);
    }

    /** What to try where results are off by no more than 16 bits round. */
    Optional<String> advice(Verdict verdict) {
        return verdict.anyWrong() && verdict.maxAbsError() <= SIXTEEN_BITS
                ? Optional.of("what a GPU computed is of 16 bits: if these were made on one, give --tolerance 2e-3 for"
                        + " vectors, or 2e-2 for log-likelihoods")
                : Optional.empty();
    }

    /** The column of texts. */
    String textColumn() {
        String column = text.request("", null, PagedAttentionConf.defaults()).text();
        if (column == null) {
            throw new IllegalArgumentException("--reference finds rows by their text: name its column with --text");
        }
        return column;
    }

    /**
     * What to compare with the results that are there.
     *
     * @param pooling as {@code --pool} names it; null without
     */
    Comparison comparison(Dataset<Row> scored, @Nullable String pooling) {
        List<String> present = Arrays.asList(scored.columns());
        if (present.contains("log_likelihood")) {
            return likelihood(scored, pooling);
        }
        if (continuation.given()) {
            throw new IllegalArgumentException(
                    "--context, --continuation, --context-tokens, --rolling, --special-tokens"
                            + " and --prefix-token are for what loglikelihood wrote: leave them out");
        }
        boolean embedded = present.contains("embedding");
        if (embedded == present.contains("logits")) {
            throw new IllegalArgumentException("nothing to compare: the scored table has " + String.join(", ", present)
                    + ", and is to have one of embedding (of the job embed), logits (of classify) and log_likelihood");
        }
        TextRequest request = text.request(String.valueOf(folder), pair, PagedAttentionConf.defaults());
        if (!embedded && (prompts.given() || pooling != null)) {
            throw new IllegalArgumentException(
                    "--scored was classified, and prompts, --normalize and --pool are for vectors: leave them out");
        }
        EmbedOptions vectors = embedded ? prompts.options(pooling) : null;
        // what is wrong is said before any task starts
        var unused = vectors == null
                ? new TextClassifier(request).description()
                : new TextEmbedder(request, vectors).description();
        return new ModelCheck(
                request,
                vectors == null || request.tokens() == null ? vectors : vectors.forTokens(),
                tolerance(),
                new SerializableConfiguration(
                        scored.sparkSession().sparkContext().hadoopConfiguration()));
    }

    private Comparison likelihood(Dataset<Row> scored, @Nullable String pooling) {
        if (prompts.given() || pooling != null || pair != null) {
            throw new IllegalArgumentException(
                    "--scored has log-likelihoods, and prompts, --normalize, --pool and --pair"
                            + " are for vectors and labels: leave them out");
        }
        LikelihoodRequest request = continuation.request(text, String.valueOf(folder), PagedAttentionConf.defaults());
        LikelihoodOptions options = continuation.options().withSharePrefixes(false);
        // what is wrong is said before any task starts
        var unused = new LogLikelihood(request, options).description();
        return new LikelihoodCheck(
                request,
                options,
                Arrays.asList(scored.columns()).contains("token_log_probs"),
                tolerance(),
                new SerializableConfiguration(
                        scored.sparkSession().sparkContext().hadoopConfiguration()));
    }
}
