package org.pagedattention.inference;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.model.TokenIds;

/**
 * A model and its tokenizer. Loaded once a process; safe for use by several threads, each of which computes its own rows.
 * A row gets the same bits whatever else is in its batch.
 */
public interface TextModel extends AutoCloseable {

    /**
     * The tokens of a text, or of a pair of texts.
     *
     * @param pair the second text; null for one text, and for models that take no pairs
     */
    PreparedRow prepare(String text, @Nullable String pair);

    /** What keeps texts from this model, so that it takes ready tokens only; empty when nothing does. */
    Optional<String> problemOfTexts();

    /** Ready tokens, special ones included, without those beyond {@link #longest}. */
    PreparedRow prepare(int[] ids);

    /** What keeps a row from this model; empty when nothing does. */
    Optional<String> problem(TokenIds row);

    /**
     * Starts one pass over some rows, which comes to a vector for each, or logits. Returns when it is computed, or at once
     * where a device works by itself.
     *
     * @throws IllegalArgumentException when the model cannot take a row; {@link #problem} says so beforehand
     * @throws org.pagedattention.device.DeviceMemoryException when there is too little memory now
     */
    ModelRun start(List<TokenIds> rows);

    /** What {@link #start} comes to. */
    default List<float[]> run(List<TokenIds> rows) {
        try (ModelRun run = start(rows)) {
            return run.await();
        }
    }

    /** Most tokens of a row, special ones and those of a prompt included. */
    int longest();

    /** Tokens of a pass beyond which it does not get faster. */
    int passTokens();

    /** What was understood of the folder, in a line. */
    String description();

    @Override
    void close();
}
