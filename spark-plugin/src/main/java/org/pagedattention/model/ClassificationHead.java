package org.pagedattention.model;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;

/**
 * Logits from the row of one token: a linear layer with an activation, and one without.
 *
 * @param pooling which token's
 * @param inner null where there is only the outer one
 * @param activation of the inner one
 */
record ClassificationHead(SequencePooling pooling, @Nullable Linear inner, Activation activation, Linear outer) {

    static ClassificationHead load(BertConfig config, int labels, Checkpoint checkpoint, WeightLoader loader) {
        int hidden = config.hidden();
        return switch (config.naming()) {
            case BERT ->
                new ClassificationHead(
                        SequencePooling.FIRST,
                        loader.linear(checkpoint, config.naming().prefix(checkpoint) + "pooler.dense", hidden, hidden),
                        Activation.TANH,
                        loader.linear(checkpoint, "classifier", labels, hidden));
            case ROBERTA ->
                new ClassificationHead(
                        SequencePooling.FIRST,
                        loader.linear(checkpoint, "classifier.dense", hidden, hidden),
                        Activation.TANH,
                        loader.linear(checkpoint, "classifier.out_proj", labels, hidden));
            case DISTILBERT ->
                new ClassificationHead(
                        SequencePooling.FIRST,
                        loader.linear(checkpoint, "pre_classifier", hidden, hidden),
                        Activation.RELU,
                        loader.linear(checkpoint, "classifier", labels, hidden));
        };
    }

    /** {@code [sequences, labels]} from {@code [tokens, hidden]}. */
    Tensor forward(Pass pass, Tensor hidden) {
        Tensor row = pass.pool(pooling, hidden, 0);
        return outer.apply(pass, inner == null ? row : inner.apply(pass, row, activation));
    }
}
