package org.pagedattention.model;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;

/** What makes logits of a body's rows. */
interface ClassificationHead {

    /** {@code [sequences, labels]} from {@code [tokens, hidden]}. */
    Tensor forward(Pass pass, TokenBatch batch, Tensor hidden);

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

    /**
     * Logits from the row of one token: a linear layer with an activation, and one without.
     *
     * @param token which of a sequence's
     * @param inner null where there is only the outer one
     * @param activation of the inner one
     */
    record OfToken(Token token, @Nullable Linear inner, Activation activation, Linear outer)
            implements ClassificationHead {

        /** The head of a decoder: one linear layer. */
        static ClassificationHead ofDecoder(Token token, Linear linear) {
            return new OfToken(token, null, Activation.NONE, linear);
        }

        @Override
        public Tensor forward(Pass pass, TokenBatch batch, Tensor hidden) {
            int[] rows = IntStream.range(0, batch.pages().sequences())
                    .map(sequence -> token.row(batch, sequence))
                    .toArray();
            Tensor row = pass.rows(hidden, rows);
            return outer.apply(pass, inner == null ? row : inner.apply(pass, row, activation));
        }
    }

    /** Logits from what a sequence's rows are pooled to: a linear layer with an activation, a norm, and a linear layer. */
    record OfPool(SequencePooling pooling, Linear inner, Activation activation, Norm norm, Linear outer)
            implements ClassificationHead {

        @Override
        public Tensor forward(Pass pass, TokenBatch batch, Tensor hidden) {
            Tensor pooled = pass.pool(pooling, hidden, 0);
            return outer.apply(pass, pass.norm(norm, inner.apply(pass, pooled, activation)));
        }
    }
}
