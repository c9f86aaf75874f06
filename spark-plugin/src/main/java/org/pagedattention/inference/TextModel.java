package org.pagedattention.inference;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.model.LoadedModel;
import org.pagedattention.model.ModelCard;
import org.pagedattention.model.TokenIds;

/**
 * A model and its tokenizer. Loaded once a process; safe for use by several threads, each of which computes its own rows.
 * A row gets the same bits whatever else is in its batch.
 */
public abstract sealed class TextModel implements AutoCloseable permits Classifier, Embedder {
    final ModelBackend backend;
    final RowTokenizer tokenizer;
    private final LoadedModel model;

    TextModel(ModelBackend backend, LoadedModel model, RowTokenizer tokenizer) {
        this.backend = backend;
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /**
     * The tokens of a text, or of a pair of texts.
     *
     * @param pair the second text; null for one text, and for models that take no pairs
     */
    public abstract PreparedRow prepare(String text, @Nullable String pair);

    /** What keeps texts from this model, so that it takes ready tokens only; empty when nothing does. */
    public final Optional<String> problemOfTexts() {
        return tokenizer.problemOfTexts();
    }

    /** Ready tokens, special ones included, without those beyond {@link #longest}. */
    public final PreparedRow prepare(int[] ids) {
        return tokenizer.prepare(ids);
    }

    /** What keeps a row from this model; empty when nothing does. */
    public Optional<String> problem(TokenIds row) {
        return model.problem(row);
    }

    /**
     * Starts one pass over some rows, which comes to a vector for each, or logits. Returns when it is computed, or at once
     * where a device works by itself.
     *
     * @throws IllegalArgumentException when the model cannot take a row; {@link #problem} says so beforehand
     * @throws org.pagedattention.device.DeviceMemoryException when there is too little memory now
     */
    public abstract ModelRun start(List<TokenIds> rows);

    /** What {@link #start} comes to. */
    public final List<float[]> run(List<TokenIds> rows) {
        try (ModelRun run = start(rows)) {
            return run.await();
        }
    }

    /** Most tokens of a row, special ones and those of a prompt included. */
    public final int longest() {
        return tokenizer.longest();
    }

    /** Tokens of a pass beyond which it does not get faster. */
    public final int passTokens() {
        return backend.passTokens();
    }

    /** What was understood of the folder, in a line. */
    public String description() {
        return model.description() + ", rows of up to " + longest() + " tokens";
    }

    /** The same, in parts. */
    public final ModelCard card() {
        return model.card();
    }

    @Override
    public final void close() {
        tokenizer.close();
        model.close();
    }
}
