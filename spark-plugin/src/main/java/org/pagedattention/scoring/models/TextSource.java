package org.pagedattention.scoring.models;

import java.io.Serializable;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.BadRow;

/**
 * Where a table's texts or tokens are.
 *
 * @param text texts; null where rows hold tokens
 * @param pair second texts; null without
 * @param tokens token ids; null where rows hold texts
 */
record TextSource(
        @Nullable InputColumn text,
        @Nullable InputColumn pair,
        @Nullable InputColumn tokens) implements Serializable {

    /**
     * Finds the columns.
     *
     * @throws IllegalArgumentException when one is missing or of another type
     */
    static TextSource of(StructType input, TextRequest request) {
        return new TextSource(
                request.text() == null ? null : InputColumn.texts(input, request.text(), "texts"),
                request.pair() == null ? null : InputColumn.texts(input, request.pair(), "second texts"),
                request.tokens() == null ? null : InputColumn.ids(input, request.tokens(), "token ids"));
    }

    /** Names of the columns that nobody wants behind the model: token ids, but no text. */
    Set<String> usedUp() {
        return tokens == null ? Set.of() : Set.of(tokens.name());
    }

    /**
     * The tokens of a row, for a model.
     *
     * @throws BadRow when there are none
     */
    PreparedRow read(InternalRow row, TextModel model) throws BadRow {
        if (tokens != null) {
            return model.prepare(tokens.ids(row));
        }
        if (text == null) {
            throw new IllegalStateException("rows hold neither texts nor tokens");
        }
        return model.prepare(text.text(row), pair == null ? null : pair.text(row));
    }
}
