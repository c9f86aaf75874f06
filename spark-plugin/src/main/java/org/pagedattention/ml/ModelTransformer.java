package org.pagedattention.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.OnBadRow;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.SessionSettings;

/**
 * What the stages share: a column of texts goes in, all columns come out with the results behind them. The model is looked at
 * when a table is transformed, and loaded once an executor; the backend and its limits are what the session's
 * {@code spark.pagedAttention.*} say. Long texts are cut without a word, unless {@link #truncatedCol} is named or
 * {@link #onLong} is {@code fail}.
 *
 * @param <T> the stage itself, for setters
 */
public abstract sealed class ModelTransformer<T extends ModelTransformer<T>> extends Transformer
        implements DefaultParamsWritable
        permits EmbeddingTransformer, ClassificationTransformer, LogLikelihoodTransformer {
    private static final long serialVersionUID = 1;
    private static final String SKIP = "skip";
    private static final String KEEP = "keep";

    private final String uid;
    private final Param<String> model;
    private final Param<String> inputCol;
    private final Param<String> outputCol;
    private final Param<String> tokensCol;
    private final Param<String> truncatedCol;
    private final IntParam maxTokens;
    private final Param<String> onLong;
    private final Param<String> handleInvalid;
    private final Param<String> errorCol;

    ModelTransformer(String uid, String output) {
        this.uid = uid;
        model = TextParam.named(uid, "model", "folder of the model, on any file system that Hadoop reaches");
        inputCol = TextParam.named(uid, "inputCol", "column of the texts, STRING");
        outputCol = TextParam.named(uid, "outputCol", "column of the results");
        tokensCol = TextParam.named(uid, "tokensCol", "column for how many tokens took part, INT; unset: none");
        truncatedCol = TextParam.named(
                uid, "truncatedCol", "column for whether the text has tokens that took no part, BOOLEAN; unset: none");
        maxTokens = new CountParam(
                uid, "maxTokens", "most tokens of a row, special ones included; unset: as many as the model takes");
        onLong = TextParam.oneOf(
                uid,
                "onLong",
                "what becomes of longer rows: truncate, or fail, which makes them invalid",
                List.of("truncate", "fail"));
        handleInvalid = TextParam.oneOf(
                uid,
                "handleInvalid",
                "what becomes of null texts and others without a result: error ends the job, skip leaves the row out,"
                        + " keep gives it nulls and the reason in errorCol; unset: spark.pagedAttention.onBadRow, of which"
                        + " fail is error and null is keep",
                List.of("error", SKIP, KEEP));
        errorCol = TextParam.named(uid, "errorCol", "column for what is wrong with a row that is kept, STRING");
        setDefault(inputCol, "text");
        setDefault(outputCol, output);
        setDefault(onLong, "truncate");
        setDefault(errorCol, "error");
    }

    @Override
    public final String uid() {
        return uid;
    }

    /** Folder of the model, as Hugging Face has it. Has to be set. */
    public final Param<String> model() {
        return model;
    }

    public final T setModel(String folder) {
        return with(model, folder);
    }

    /** Column of the texts, STRING; {@code text} by default. */
    public final Param<String> inputCol() {
        return inputCol;
    }

    public final T setInputCol(String column) {
        return with(inputCol, column);
    }

    /** Column of the results. */
    public final Param<String> outputCol() {
        return outputCol;
    }

    public final T setOutputCol(String column) {
        return with(outputCol, column);
    }

    /** Column for how many tokens took part, INT; none by default. */
    public final Param<String> tokensCol() {
        return tokensCol;
    }

    public final T setTokensCol(String column) {
        return with(tokensCol, column);
    }

    /** Column for whether a row has tokens that took no part, BOOLEAN; none by default. */
    public final Param<String> truncatedCol() {
        return truncatedCol;
    }

    public final T setTruncatedCol(String column) {
        return with(truncatedCol, column);
    }

    /** Most tokens of a row, special ones included; as many as the model takes by default. */
    public final IntParam maxTokens() {
        return maxTokens;
    }

    public final T setMaxTokens(int most) {
        return with(maxTokens, most);
    }

    /** What becomes of longer rows: {@code truncate}, the default, or {@code fail}, which makes them invalid. */
    public final Param<String> onLong() {
        return onLong;
    }

    public final T setOnLong(String how) {
        return with(onLong, how);
    }

    /** What becomes of rows that have no result, such as null texts: {@code error}, {@code skip} or {@code keep}. */
    public final Param<String> handleInvalid() {
        return handleInvalid;
    }

    public final T setHandleInvalid(String how) {
        return with(handleInvalid, how);
    }

    /** Column for what is wrong with rows that are kept, STRING; {@code error} by default. */
    public final Param<String> errorCol() {
        return errorCol;
    }

    public final T setErrorCol(String column) {
        return with(errorCol, column);
    }

    /**
     * Plans the results of a table; they are computed when it is used.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type, or when something in the model's
     *     folder is not understood
     */
    @Override
    public final Dataset<Row> transform(Dataset<?> dataset) {
        SparkSession session = dataset.sparkSession();
        var unused = schema(dataset.schema(), session);
        String invalid = invalid(session);
        Dataset<Row> table = dataset.toDF();
        Dataset<Row> scored = score(Columns.renamed(table));
        List<Column> columns = new ArrayList<>();
        for (String name : table.columns()) {
            columns.add(Columns.named(Columns.renamed(name)).as(name));
        }
        for (Output output : wanted()) {
            columns.add(output.from(scored.col(output.result())).as(getOrDefault(output.column())));
        }
        if (invalid.equals(KEEP)) {
            columns.add(scored.col("error").as(getOrDefault(errorCol)));
        }
        return (invalid.equals(SKIP) ? scored.filter(scored.col("error").isNull()) : scored)
                .select(columns.toArray(Column[]::new));
    }

    /**
     * The columns that {@link #transform} makes of a table of the active session.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type, or a name is taken
     */
    @Override
    public final StructType transformSchema(StructType schema) {
        return schema(schema, SparkSession.active());
    }

    private StructType schema(StructType schema, SparkSession session) {
        if (!isDefined(model)) {
            throw new IllegalArgumentException(uid + ": model is not set: it is the model's folder");
        }
        for (Param<String> input : inputs()) {
            Columns.requireTexts(this, schema, input);
        }
        StructType all = schema;
        for (Output output : wanted()) {
            all = Columns.add(this, all, output.column(), output.type());
        }
        return invalid(session).equals(KEEP) ? Columns.add(this, all, errorCol, DataTypes.StringType) : all;
    }

    /** What the model's scorer makes of a table, with all its results. */
    abstract Dataset<Row> score(Dataset<Row> table);

    /** Columns of texts that are read. */
    abstract List<Param<String>> inputs();

    /** All results that there can be. */
    abstract List<Output> outputs();

    private List<Output> wanted() {
        return outputs().stream().filter(output -> isDefined(output.column())).toList();
    }

    final String folder() {
        return getOrDefault(model);
    }

    /** The name of a column that is read, while the table is scored. */
    final String input(Param<String> param) {
        return Columns.renamed(getOrDefault(param));
    }

    final int mostTokens() {
        return isDefined(maxTokens) ? (Integer) getOrDefault(maxTokens) : 0;
    }

    final TextRequest.OnLong longRows() {
        return TextRequest.OnLong.parse(getOrDefault(onLong));
    }

    final PagedAttentionConf conf(SparkSession session) {
        OnBadRow policy = invalid(session).equals("error") ? OnBadRow.FAIL : OnBadRow.NULL;
        return SessionSettings.with(session, Map.of(PagedAttentionConf.PREFIX + "onBadRow", policy.toString()));
    }

    private String invalid(SparkSession session) {
        if (isDefined(handleInvalid)) {
            return getOrDefault(handleInvalid);
        }
        return switch (SessionSettings.of(session).onBadRow()) {
            case FAIL -> "error";
            case NULL -> KEEP;
            case QUARANTINE ->
                throw new IllegalArgumentException(
                        uid + ": spark.pagedAttention.onBadRow is quarantine, and a pipeline has"
                                + " no place for that: set handleInvalid to error, skip or keep");
        };
    }

    final <V> @Nullable V ifSet(Param<V> param) {
        return isDefined(param) ? getOrDefault(param) : null;
    }

    @SuppressWarnings("unchecked") // the one subclass that T is
    final <V> T with(Param<V> param, V value) {
        var unused = set(param, value);
        return (T) this;
    }
}
