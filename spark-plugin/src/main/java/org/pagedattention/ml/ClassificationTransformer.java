package org.pagedattention.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.models.TextClassifier;

/**
 * A stage that labels every text, or pair of texts, as {@link TextClassifier} does: {@code label} (STRING) is that of the
 * largest logit, {@code score} (FLOAT) its score, and on request there are all {@code logits}, as a vector of Spark ML.
 */
public final class ClassificationTransformer extends ModelTransformer<ClassificationTransformer> {
    private static final long serialVersionUID = 1;

    private final Param<String> pairCol = TextParam.named(
            uid(), "pairCol", "column of second texts, STRING, for models that take pairs; unset: none");
    private final Param<String> scoreCol = TextParam.named(uid(), "scoreCol", "column of the label's score, FLOAT");
    private final Param<String> logitsCol =
            TextParam.named(uid(), "logitsCol", "column of all logits, a vector of Spark ML; unset: none");

    public ClassificationTransformer() {
        this(Identifiable$.MODULE$.randomUID("classification"));
    }

    /** A stage with a name of its own among those of a pipeline. */
    public ClassificationTransformer(String uid) {
        super(uid, "label");
        setDefault(scoreCol, "score");
    }

    /** Reads what {@code save} wrote. */
    public static ClassificationTransformer load(String path) {
        return read().load(path);
    }

    public static MLReader<ClassificationTransformer> read() {
        return new DefaultParamsReader<>();
    }

    /** Column of second texts, for models that take pairs; none by default. */
    public Param<String> pairCol() {
        return pairCol;
    }

    public ClassificationTransformer setPairCol(String column) {
        return with(pairCol, column);
    }

    /** Column of the label's score, FLOAT; {@code score} by default. */
    public Param<String> scoreCol() {
        return scoreCol;
    }

    public ClassificationTransformer setScoreCol(String column) {
        return with(scoreCol, column);
    }

    /** Column of all logits, a vector of Spark ML; none by default. */
    public Param<String> logitsCol() {
        return logitsCol;
    }

    public ClassificationTransformer setLogitsCol(String column) {
        return with(logitsCol, column);
    }

    @Override
    public ClassificationTransformer copy(ParamMap extra) {
        return this.<ClassificationTransformer>defaultCopy(extra);
    }

    @Override
    Dataset<Row> score(Dataset<Row> table) {
        String text = input(inputCol());
        TextRequest texts = isDefined(pairCol)
                ? TextRequest.pairs(folder(), text, input(pairCol))
                : TextRequest.text(folder(), text);
        return new TextClassifier(
                        texts.withMaxTokens(mostTokens()).withOnLong(longRows()).withConf(conf(table.sparkSession())))
                .classify(table);
    }

    @Override
    List<Param<String>> inputs() {
        List<Param<String>> columns = new ArrayList<>(List.of(inputCol()));
        if (isDefined(pairCol)) {
            columns.add(pairCol);
        }
        return columns;
    }

    @Override
    List<Output> outputs() {
        return List.of(
                new Output(outputCol(), "label", DataTypes.StringType),
                new Output(scoreCol, "score", DataTypes.FloatType),
                Output.numbers(logitsCol, "logits", true),
                Output.tokens(tokensCol()),
                Output.truncated(truncatedCol()));
    }
}
