package org.pagedattention.ml;

import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.models.TextEmbedder;

/**
 * A stage that makes a vector of every text, as {@link TextEmbedder} does. {@code embedding} is a vector of Spark ML, which
 * other stages take, or with {@link #outputType} {@code array} an ARRAY&lt;FLOAT&gt;, half as large.
 *
 * <pre>{@code
 * new Pipeline().setStages(new PipelineStage[] {
 *     new EmbeddingTransformer().setModel("/models/all-MiniLM-L6-v2").setInputCol("body"),
 *     new KMeans().setFeaturesCol("embedding").setK(20)});
 * }</pre>
 */
public final class EmbeddingTransformer extends ModelTransformer<EmbeddingTransformer> {
    private static final long serialVersionUID = 1;
    private static final String VECTOR = "vector";

    private final Param<String> outputType = TextParam.oneOf(
            uid(),
            "outputType",
            "vector, as stages of Spark ML take it, or array, which is ARRAY<FLOAT>",
            List.of(VECTOR, "array"));
    private final Param<String> prompt = TextParam.named(
            uid(),
            "prompt",
            "which of the model's prompts to put before every text; unset: its default one, if it has one");
    private final Param<String> promptText = new TextParam(
            uid(), "promptText", "a text to put before every text instead; empty: none at all", text -> {});
    private final Param<String> pool = new TextParam(
            uid(),
            "pool",
            "how tokens become one vector, for folders that do not say: cls, mean, max, lasttoken, weightedmean or"
                    + " mean_sqrt_len_tokens",
            EmbeddingModel::pooling);
    private final BooleanParam normalize = new BooleanParam(
            uid(), "normalize", "true: vectors of length 1; false: as they come; unset: as the model's folder says");

    public EmbeddingTransformer() {
        this(Identifiable$.MODULE$.randomUID("embedding"));
    }

    /** A stage with a name of its own among those of a pipeline. */
    public EmbeddingTransformer(String uid) {
        super(uid, "embedding");
        setDefault(outputType, VECTOR);
    }

    /** Reads what {@code save} wrote. */
    public static EmbeddingTransformer load(String path) {
        return read().load(path);
    }

    public static MLReader<EmbeddingTransformer> read() {
        return new DefaultParamsReader<>();
    }

    /** What the results are: {@code vector}, the default, or {@code array}. */
    public Param<String> outputType() {
        return outputType;
    }

    public EmbeddingTransformer setOutputType(String type) {
        return with(outputType, type);
    }

    /** Which of the model's prompts to put before every text; the model's default one by default. */
    public Param<String> prompt() {
        return prompt;
    }

    public EmbeddingTransformer setPrompt(String name) {
        return with(prompt, name);
    }

    /** A text to put before every text, instead of a prompt of the model's. */
    public Param<String> promptText() {
        return promptText;
    }

    public EmbeddingTransformer setPromptText(String text) {
        return with(promptText, text);
    }

    /** How tokens become one vector, by sentence-transformers' names, for folders that do not say. */
    public Param<String> pool() {
        return pool;
    }

    public EmbeddingTransformer setPool(String how) {
        return with(pool, how);
    }

    /** Whether vectors are made of length 1; as the folder says by default. */
    public BooleanParam normalize() {
        return normalize;
    }

    public EmbeddingTransformer setNormalize(boolean wanted) {
        return with(normalize, wanted);
    }

    @Override
    public EmbeddingTransformer copy(ParamMap extra) {
        return this.<EmbeddingTransformer>defaultCopy(extra);
    }

    @Override
    Dataset<Row> score(Dataset<Row> table) {
        TextRequest request = TextRequest.text(folder(), input(inputCol()))
                .withMaxTokens(mostTokens())
                .withOnLong(longRows())
                .withConf(conf(table.sparkSession()));
        return new TextEmbedder(request, options()).embed(table);
    }

    private EmbedOptions options() {
        @Nullable String how = ifSet(pool);
        return new EmbedOptions(
                how == null ? null : EmbeddingModel.pooling(how),
                (Boolean) ifSet(normalize),
                ifSet(prompt),
                ifSet(promptText));
    }

    @Override
    List<Param<String>> inputs() {
        return List.of(inputCol());
    }

    @Override
    List<Output> outputs() {
        return List.of(
                Output.numbers(
                        outputCol(), "embedding", getOrDefault(outputType).equals(VECTOR)),
                Output.tokens(tokensCol()),
                Output.truncated(truncatedCol()));
    }
}
