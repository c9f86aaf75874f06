package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.model.ClassificationModel;
import org.pagedattention.model.Labels;
import org.pagedattention.model.ModelFiles;
import org.pagedattention.model.TokenIds;

/**
 * Classifies or ranks texts and pairs of texts. Loaded once a process; safe for use by several threads, each of which
 * computes its own rows. A row gets the same bits whatever else is in its batch.
 */
public final class Classifier implements AutoCloseable {
    private final ModelBackend backend;
    private final ClassificationModel model;
    private final RowTokenizer tokenizer;

    private Classifier(ModelBackend backend, ClassificationModel model, RowTokenizer tokenizer) {
        this.backend = backend;
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /**
     * Loads a model and its tokenizer.
     *
     * @param backend holds the weights; closed by whoever opened it, after this
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     */
    public static Classifier open(ModelFiles files, ModelBackend backend) {
        ClassificationModel model = ClassificationModel.load(files, backend);
        try {
            return new Classifier(backend, model, RowTokenizer.load(files, model.rules(), model.types()));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** A text, or a pair of texts where {@code pair} is not null. */
    public record Input(String text, @Nullable String pair) {}

    /**
     * What one row became.
     *
     * @param logits one a label
     * @param label of the largest logit
     * @param score of that label
     * @param tokens special ones included
     * @param truncated whether the row has tokens that took no part
     */
    public record Classification(float[] logits, String label, float score, int tokens, boolean truncated) {}

    /** The tokens of a text or a pair. */
    public PreparedRow prepare(Input input) {
        return tokenizer.prepare(input.text(), input.pair());
    }

    /** What keeps a row of ready token ids from this model; empty when nothing does. */
    public Optional<String> problem(TokenIds row) {
        return model.problem(row);
    }

    /**
     * The logits of some rows, computed in one pass.
     *
     * @throws IllegalArgumentException when the model cannot take a row; {@link #problem} says so beforehand
     */
    public List<float[]> run(List<TokenIds> rows) {
        return ModelRun.run(backend, rows, model::problem, model::forward);
    }

    /** What a row's logits mean. */
    public Classification classify(PreparedRow row, float[] logits) {
        Labels labels = model.labels();
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return new Classification(
                logits,
                labels.names().get(best),
                labels.scores(logits)[best],
                row.tokens().length(),
                row.truncated());
    }

    /**
     * The classes of some rows, in their order.
     *
     * @param batchTokens most tokens of a pass
     */
    public List<Classification> classify(List<Input> inputs, int batchTokens) {
        List<PreparedRow> rows = inputs.stream().map(this::prepare).toList();
        List<Classification> classified = new ArrayList<>();
        for (List<TokenIds> batch : TokenBudget.batches(rows, batchTokens)) {
            for (float[] logits : run(batch)) {
                classified.add(classify(rows.get(classified.size()), logits));
            }
        }
        return classified;
    }

    public Labels labels() {
        return model.labels();
    }

    /** Most tokens of a row, special ones included. */
    public int longest() {
        return model.rules().longest();
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }
}
