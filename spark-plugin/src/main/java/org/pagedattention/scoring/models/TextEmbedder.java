package org.pagedattention.scoring.models;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;

/**
 * Makes a vector of every text of a table, with a sentence-transformers model or any encoder. Every row comes out again,
 * in its partition's order, with {@code embedding} (ARRAY&lt;FLOAT&gt;), {@code tokens} (INT) and {@code truncated}
 * (BOOLEAN) behind its columns; of these, a column of token ids is used up. A text gets the same vector, bit by bit,
 * whatever is in its batch.
 *
 * <pre>{@code
 * TextRequest request = TextRequest.text("/models/all-MiniLM-L6-v2", "gloss");
 * Dataset<Row> vectors = new TextEmbedder(request, EmbedOptions.defaults()).embed(spark.read().parquet("in"));
 * }</pre>
 */
public final class TextEmbedder extends TextScorer {

    /**
     * Finds the model's folder; what is done with this is done with the model as it is now. Wants an active Spark session.
     *
     * @throws IllegalArgumentException when it is not there, or cannot do what is asked for
     */
    public TextEmbedder(TextRequest request, EmbedOptions options) {
        this(request, options, null);
    }

    /**
     * An embedder that puts bad rows aside.
     *
     * @param quarantine where they go; needed when the settings say {@code onBadRow=quarantine}, and only then
     * @throws IllegalArgumentException when the model is not there, or cannot do what is asked for
     */
    public TextEmbedder(TextRequest request, EmbedOptions options, @Nullable Quarantine quarantine) {
        super(EmbedTask.of(request, options), request, quarantine);
    }

    /**
     * Plans the vectors of {@code input}; they are made when the result is used.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type, or when something in the model's
     *     folder is not understood
     */
    public Dataset<Row> embed(Dataset<Row> input) {
        return embedAndCount(input).rows();
    }

    /** Does what {@link #embed} does, and tells what is counted on the way. */
    public ScoredTable embedAndCount(Dataset<Row> input) {
        return score(input);
    }
}
