package org.pagedattention.loading;

import java.io.Serializable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.inference.Classifier;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.model.folder.ModelFiles;

/**
 * What a model is used for. Equal uses of one folder share what is loaded.
 *
 * @param <M> what it is loaded as
 */
public sealed interface ModelUse<M extends AutoCloseable> extends Serializable {

    /**
     * Loads the model.
     *
     * @param maxTokens most tokens of a row; 0 for as many as the model takes
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     */
    M open(ModelFiles files, ModelBackend backend, int maxTokens);

    /** A vector for every text. */
    record Embed(EmbedOptions options) implements ModelUse<Embedder> {
        @Override
        public Embedder open(ModelFiles files, ModelBackend backend, int maxTokens) {
            return Embedder.open(files, backend, options, maxTokens);
        }
    }

    /** Labels for every text, or pair of texts. */
    record Classify() implements ModelUse<Classifier> {
        @Override
        public Classifier open(ModelFiles files, ModelBackend backend, int maxTokens) {
            return Classifier.open(files, backend, maxTokens);
        }
    }

    /** How probable texts are. */
    record Likelihood(LikelihoodOptions options) implements ModelUse<LikelihoodModel> {
        @Override
        public LikelihoodModel open(ModelFiles files, ModelBackend backend, int maxTokens) {
            return LikelihoodModel.open(files, backend, options, maxTokens);
        }
    }
}
