package org.pagedattention.scoring.models;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.likelihood.LikelihoodRules;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.Spaces;
import org.pagedattention.likelihood.UnscorableRow;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.scoring.BadRow;

/**
 * Where a table has what is scored, and what of it.
 *
 * @param scored texts, documents or continuations, or their token ids
 * @param context what continuations stand behind; null without
 * @param ids whether both hold token ids
 */
record LikelihoodSource(InputColumn scored, @Nullable InputColumn context, boolean ids, LikelihoodMode mode)
        implements Serializable {

    /**
     * Finds the columns.
     *
     * @throws IllegalArgumentException when one is missing or of another type
     */
    static LikelihoodSource of(StructType input, LikelihoodRequest request) {
        LikelihoodColumns columns = request.columns();
        String context = columns.context();
        if (columns.ids()) {
            return new LikelihoodSource(
                    InputColumn.ids(input, columns.scored(), "token ids"),
                    context == null ? null : InputColumn.ids(input, context, "token ids of the contexts"),
                    true,
                    request.mode());
        }
        return new LikelihoodSource(
                InputColumn.texts(input, columns.scored(), context == null ? "texts" : "continuations"),
                context == null ? null : InputColumn.texts(input, context, "contexts"),
                false,
                request.mode());
    }

    /** Names of the columns that nobody wants behind the model: token ids, but no text. */
    Set<String> usedUp() {
        Set<String> names = new TreeSet<>();
        if (ids) {
            names.add(scored.name());
            if (context != null) {
                names.add(context.name());
            }
        }
        return names;
    }

    /**
     * What of a row is scored.
     *
     * @throws BadRow when there is nothing, or no log-likelihood of it
     */
    LikelihoodItem read(InternalRow row, LikelihoodRules rules) throws BadRow {
        try {
            if (ids) {
                int[] tokens = scored.ids(row);
                return new LikelihoodItem(
                        context == null ? alone(tokens, rules) : rules.continuation(context.ids(row), tokens), 0, 0);
            }
            String text = scored.text(row);
            return new LikelihoodItem(
                    context == null ? alone(text, rules) : rules.continuation(context.text(row), text),
                    text.getBytes(StandardCharsets.UTF_8).length,
                    Spaces.words(text));
        } catch (UnscorableRow e) {
            throw new BadRow(e.reason(), e.expected(), e.found());
        }
    }

    private ScoredRow alone(int[] tokens, LikelihoodRules rules) {
        return mode == LikelihoodMode.ROLLING ? rules.rolling(tokens) : rules.text(tokens);
    }

    private ScoredRow alone(String text, LikelihoodRules rules) {
        return mode == LikelihoodMode.ROLLING ? rules.rolling(text) : rules.text(text);
    }
}
