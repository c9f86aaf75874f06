package org.pagedattention.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.scoring.models.LogLikelihood;

/**
 * A stage that says how probable a language model finds every text, or continuation behind its context, as
 * {@link LogLikelihood} does: {@code log_likelihood} (DOUBLE) is the sum over its tokens, in nats. With {@link #contextCol}
 * the texts are continuations.
 */
public final class LogLikelihoodTransformer extends ModelTransformer<LogLikelihoodTransformer> {
    private static final long serialVersionUID = 1;

    private final Param<String> contextCol = TextParam.named(
            uid(), "contextCol", "column of what the texts stand behind, STRING; unset: texts stand alone");
    private final Param<String> greedyCol = TextParam.named(
            uid(), "greedyCol", "column for whether each token was the most probable one, BOOLEAN; unset: none");
    private final Param<String> tokenLogProbsCol = TextParam.named(
            uid(), "tokenLogProbsCol", "column of each token's log-probability, ARRAY<FLOAT>; unset: none");
    private final BooleanParam rolling = new BooleanParam(
            uid(), "rolling", "score all of a text, in windows as long as the model takes, instead of its start");

    public LogLikelihoodTransformer() {
        this(Identifiable$.MODULE$.randomUID("log_likelihood"));
    }

    /** A stage with a name of its own among those of a pipeline. */
    public LogLikelihoodTransformer(String uid) {
        super(uid, "log_likelihood");
        setDefault(rolling, false);
    }

    /** Reads what {@code save} wrote. */
    public static LogLikelihoodTransformer load(String path) {
        return read().load(path);
    }

    public static MLReader<LogLikelihoodTransformer> read() {
        return new DefaultParamsReader<>();
    }

    /** Column of contexts, behind which the texts are continuations; none by default. */
    public Param<String> contextCol() {
        return contextCol;
    }

    public LogLikelihoodTransformer setContextCol(String column) {
        return with(contextCol, column);
    }

    /** Column for whether each token was the most probable one, BOOLEAN; none by default. */
    public Param<String> greedyCol() {
        return greedyCol;
    }

    public LogLikelihoodTransformer setGreedyCol(String column) {
        return with(greedyCol, column);
    }

    /** Column of each token's log-probability, ARRAY&lt;FLOAT&gt;; none by default. */
    public Param<String> tokenLogProbsCol() {
        return tokenLogProbsCol;
    }

    public LogLikelihoodTransformer setTokenLogProbsCol(String column) {
        return with(tokenLogProbsCol, column);
    }

    /** Whether all of a text is scored, window by window; only its start by default. */
    public BooleanParam rolling() {
        return rolling;
    }

    public LogLikelihoodTransformer setRolling(boolean wanted) {
        return with(rolling, wanted);
    }

    @Override
    public LogLikelihoodTransformer copy(ParamMap extra) {
        return this.<LogLikelihoodTransformer>defaultCopy(extra);
    }

    @Override
    Dataset<Row> score(Dataset<Row> table) {
        String text = input(inputCol());
        LikelihoodRequest request = LikelihoodRequest.of(
                        folder(),
                        isDefined(contextCol)
                                ? LikelihoodColumns.continuation(input(contextCol), text)
                                : LikelihoodColumns.text(text))
                .withMaxTokens(mostTokens())
                .withOnLong(longRows())
                .withTokenLogProbs(isDefined(tokenLogProbsCol))
                .withConf(conf(table.sparkSession()));
        boolean windows = (Boolean) getOrDefault(rolling);
        return new LogLikelihood(
                        windows ? request.withMode(LikelihoodMode.ROLLING) : request, LikelihoodOptions.defaults())
                .score(table);
    }

    @Override
    List<Param<String>> inputs() {
        List<Param<String>> columns = new ArrayList<>(List.of(inputCol()));
        if (isDefined(contextCol)) {
            columns.add(contextCol);
        }
        return columns;
    }

    @Override
    List<Output> outputs() {
        return List.of(
                new Output(outputCol(), "log_likelihood", DataTypes.DoubleType),
                new Output(greedyCol, "is_greedy", DataTypes.BooleanType),
                new Output(tokenLogProbsCol, "token_log_probs", Output.FLOATS),
                Output.tokens(tokensCol()),
                Output.truncated(truncatedCol()));
    }
}
