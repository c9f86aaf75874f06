package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.model.ClassificationModel;
import org.pagedattention.model.Labels;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.ModelFiles;

/**
 * Classifies or ranks texts and pairs of texts. Loaded once a process; safe for use by several threads, each of which
 * computes its own rows. A row gets the same bits whatever else is in its batch.
 */
public final class Classifier extends TextModel {
    private final ClassificationModel model;

    private Classifier(ModelBackend backend, ClassificationModel model, RowTokenizer tokenizer) {
        super(backend, model, tokenizer);
        this.model = model;
        Rehearsal.of(backend, longest(), model::forward);
    }

    /**
     * Loads a model and its tokenizer.
     *
     * @param backend holds the weights; closed by whoever opened it, after this
     * @param maxTokens most tokens of a row; 0 for as many as the model takes
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     */
    public static Classifier open(ModelFiles files, ModelBackend backend, int maxTokens) {
        ClassificationModel model = ClassificationModel.load(files, backend);
        try {
            return new Classifier(backend, model, RowTokenizer.load(files, model.rules(), model.types(), maxTokens));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** Loads a model that takes as many tokens as its folder says. */
    public static Classifier open(ModelFiles files, ModelBackend backend) {
        return open(files, backend, 0);
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

    @Override
    public PreparedRow prepare(String text, @Nullable String pair) {
        return tokenizer.prepare(text, pair);
    }

    /** Also says so of ready ids that look like a pair's, since nothing tells which text each of them is of. */
    @Override
    public Optional<String> problem(TokenIds row) {
        return model.types() > 1 && tokenizer.isUntypedPair(row)
                ? Optional.of(
                        "its token ids have a separator in the middle, as those of pairs do, and this model wants to"
                                + " know which text each token is of: give the texts")
                : model.problem(row);
    }

    @Override
    public ModelRun start(List<TokenIds> rows) {
        return ModelRun.start(backend, rows, model::problem, model::forward);
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
        List<PreparedRow> rows = inputs.stream()
                .map(input -> prepare(input.text(), input.pair()))
                .toList();
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
}
