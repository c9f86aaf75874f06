package org.pagedattention.model;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;

/**
 * Logits from the row of one token: a linear layer with an activation, and one without.
 *
 * @param token which of a sequence's
 * @param inner null where there is only the outer one
 * @param activation of the inner one
 */
record ClassificationHead(Token token, @Nullable Linear inner, Activation activation, Linear outer) {

    /** Which token of a sequence stands for all. */
    interface Token {

        /** The first one. */
        Token FIRST = (batch, sequence) -> batch.pages().queryStart(sequence);
        /** The last one. */
        Token LAST = (batch, sequence) -> batch.pages().queryStart(sequence + 1) - 1;

        /** Its row among those of the batch. */
        int row(TokenBatch batch, int sequence);

        /** The last one with another id, as transformers looks for it; the first one where all have this id. */
        static Token lastBut(int padding) {
            return (batch, sequence) -> {
                int first = FIRST.row(batch, sequence);
                int row = LAST.row(batch, sequence);
                while (row > first && batch.ids()[row] == padding) {
                    row--;
                }
                return row;
            };
        }
    }

    /** The head of a decoder: one linear layer. */
    static ClassificationHead ofDecoder(Token token, Linear linear) {
        return new ClassificationHead(token, null, Activation.NONE, linear);
    }

    static ClassificationHead load(BertConfig config, int labels, Checkpoint checkpoint, WeightLoader loader) {
        int hidden = config.hidden();
        return switch (config.naming()) {
            case BERT ->
                new ClassificationHead(
                        Token.FIRST,
                        loader.linear(checkpoint, config.naming().prefix(checkpoint) + "pooler.dense", hidden, hidden),
                        Activation.TANH,
                        loader.linear(checkpoint, "classifier", labels, hidden));
            case ROBERTA ->
                new ClassificationHead(
                        Token.FIRST,
                        loader.linear(checkpoint, "classifier.dense", hidden, hidden),
                        Activation.TANH,
                        loader.linear(checkpoint, "classifier.out_proj", labels, hidden));
            case DISTILBERT ->
                new ClassificationHead(
                        Token.FIRST,
                        loader.linear(checkpoint, "pre_classifier", hidden, hidden),
                        Activation.RELU,
                        loader.linear(checkpoint, "classifier", labels, hidden));
        };
    }

    /** {@code [sequences, labels]} from {@code [tokens, hidden]}. */
    Tensor forward(Pass pass, TokenBatch batch, Tensor hidden) {
        int[] rows = IntStream.range(0, batch.pages().sequences())
                .map(sequence -> token.row(batch, sequence))
                .toArray();
        Tensor row = pass.rows(hidden, rows);
        return outer.apply(pass, inner == null ? row : inner.apply(pass, row, activation));
    }
}
