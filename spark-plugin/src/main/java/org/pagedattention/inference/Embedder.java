package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.model.TokenBatch;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.ModelFiles;

/**
 * Makes vectors of texts as sentence-transformers does: tokens, a pass through the model, pooling and whatever else the
 * folder names. Loaded once a process; safe for use by several threads, each of which computes its own rows. A text gets
 * the same bits whatever else is in its batch.
 */
public final class Embedder extends TextModel {
    private final EmbeddingModel model;
    private final String prompt;
    private final int promptTokens;

    private Embedder(ModelBackend backend, EmbeddingModel model, RowTokenizer tokenizer, String prompt) {
        super(backend, model, tokenizer);
        this.model = model;
        this.prompt = prompt;
        promptTokens = tokenizer.promptTokens(prompt);
        if (promptTokens >= tokenizer.longest()) {
            throw new IllegalArgumentException(
                    "rows of " + tokenizer.longest() + " tokens have no room behind a prompt of " + promptTokens
                            + ": ask for more tokens, or for a shorter prompt");
        }
        Rehearsal.of(backend, longest(), this::forward);
    }

    /** Loads a model that takes as many tokens as its folder says. */
    public static Embedder open(ModelFiles files, ModelBackend backend, EmbedOptions options) {
        return open(files, backend, options, 0);
    }

    /**
     * Loads a model and its tokenizer.
     *
     * @param backend holds the weights; closed by whoever opened it, after this
     * @param maxTokens most tokens of a row; 0 for as many as the model takes
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     */
    public static Embedder open(ModelFiles files, ModelBackend backend, EmbedOptions options, int maxTokens) {
        EmbeddingModel model = EmbeddingModel.load(files, backend, options.pooling(), options.normalize());
        try {
            RowTokenizer tokenizer = RowTokenizer.load(files, model.rules(), model.types(), maxTokens);
            try {
                return new Embedder(backend, model, tokenizer, options.prompt(model.rules()));
            } catch (RuntimeException | Error e) {
                tokenizer.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /**
     * What one text became.
     *
     * @param vector of {@link #dimension} numbers
     * @param tokens special ones and those of the prompt included
     * @param truncated whether the text has tokens that took no part
     */
    public record Embedding(float[] vector, int tokens, boolean truncated) {}

    /** The tokens of a text, behind the prompt. */
    @Override
    public PreparedRow prepare(String text, @Nullable String pair) {
        if (pair != null) {
            throw new IllegalArgumentException("a pair of texts has no one vector");
        }
        return tokenizer.prepare(prompt + text, null);
    }

    @Override
    public ModelRun start(List<TokenIds> rows) {
        return ModelRun.start(backend, rows, model::problem, this::forward);
    }

    private Tensor forward(Pass pass, TokenBatch batch) {
        return model.forward(pass, batch, promptTokens);
    }

    /**
     * The vectors of some texts, in their order.
     *
     * @param batchTokens most tokens of a pass
     */
    public List<Embedding> embed(List<String> texts, int batchTokens) {
        List<PreparedRow> rows = texts.stream().map(text -> prepare(text, null)).toList();
        List<Embedding> embeddings = new ArrayList<>();
        for (List<TokenIds> batch : TokenBudget.batches(rows, batchTokens)) {
            for (float[] vector : run(batch)) {
                PreparedRow row = rows.get(embeddings.size());
                embeddings.add(new Embedding(vector, row.tokens().length(), row.truncated()));
            }
        }
        return embeddings;
    }

    /** Numbers of a vector. */
    public int dimension() {
        return model.dimension();
    }

    @Override
    public String description() {
        return super.description() + (prompt.isEmpty() ? "" : " behind '" + prompt + "'");
    }
}
