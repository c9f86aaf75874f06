package org.pagedattention.scoring.models;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;

/**
 * Labels every text, or pair of texts, of a table with a model that has a head for classification, regression or
 * reranking, or whose next token is the answer. Every row comes out again, in its partition's order, with {@code logits} (ARRAY&lt;FLOAT&gt;, one a label),
 * {@code label} (STRING, of the largest logit), {@code score} (FLOAT, of that label), {@code tokens} (INT) and {@code
 * truncated} (BOOLEAN) behind its columns; of these, a column of token ids is used up. Scores are what transformers'
 * pipelines and sentence-transformers' CrossEncoder make of the logits. A row gets the same numbers, bit by bit, whatever
 * is in its batch.
 *
 * <pre>{@code
 * TextRequest request = TextRequest.pairs("/models/reranker", "query", "passage");
 * Dataset<Row> ranked = new TextClassifier(request).classify(spark.read().parquet("in"));
 * }</pre>
 */
public final class TextClassifier extends TextScorer {

    /**
     * Finds the model's folder; what is done with this is done with the model as it is now. Wants an active Spark session.
     *
     * @throws IllegalArgumentException when it is not there, or cannot do what is asked for
     */
    public TextClassifier(TextRequest request) {
        this(request, null);
    }

    /**
     * A classifier that puts bad rows aside.
     *
     * @param quarantine where they go; needed when the settings say {@code onBadRow=quarantine}, and only then
     * @throws IllegalArgumentException when the model is not there, or cannot do what is asked for
     */
    public TextClassifier(TextRequest request, @Nullable Quarantine quarantine) {
        super(new ClassifyTask(), request, quarantine);
    }

    /**
     * Plans the labels of {@code input}; they are found when the result is used.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type, or when something in the model's
     *     folder is not understood
     */
    public Dataset<Row> classify(Dataset<Row> input) {
        return classifyAndCount(input).rows();
    }

    /** Does what {@link #classify} does, and tells what is counted on the way. */
    public ScoredTable classifyAndCount(Dataset<Row> input) {
        return score(input);
    }
}
