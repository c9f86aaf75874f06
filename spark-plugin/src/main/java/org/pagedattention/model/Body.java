package org.pagedattention.model;

import java.util.Optional;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;

/** A model's body: tokens in, one row a token out. */
interface Body {

    /**
     * Queues the whole model.
     *
     * @return {@code [tokens, hidden]}: what transformers calls the last hidden state
     */
    Tensor forward(Pass pass, TokenBatch batch);

    Sizes sizes();

    /**
     * What a body takes and gives.
     *
     * @param hidden numbers of a token's row
     * @param longest most tokens of a row, special ones included
     * @param vocabulary token ids are below it
     * @param types token types are below it
     */
    record Sizes(int hidden, int longest, int vocabulary, int types, int layers) {}

    /** One layer, {@code [tokens, hidden]} in and out. */
    interface Layer {
        Tensor forward(int number, Tensor x);
    }

    /** Queues layer after layer, each in a scope of its own, and lets go of what went into it. */
    default Tensor throughLayers(Pass pass, Tensor x, Layer layer) {
        Tensor y = x;
        for (int i = 0; i < sizes().layers(); i++) {
            int number = i;
            Tensor before = y;
            y = pass.scope(() -> layer.forward(number, before));
            pass.release(before);
        }
        return y;
    }

    /** Family and sizes, in words. */
    String description();

    /** What keeps a row from this model; empty when nothing does. */
    default Optional<String> problem(TokenIds row) {
        if (row.length() == 0) {
            return Optional.of("it has no token");
        }
        if (row.length() > sizes().longest()) {
            return Optional.of(
                    "it has " + row.length() + " tokens, more than the " + sizes().longest() + " that the model takes");
        }
        for (int i = 0; i < row.length(); i++) {
            if (row.ids()[i] < 0 || row.ids()[i] >= sizes().vocabulary()) {
                return Optional.of("token id " + row.ids()[i] + " is not from 0 to " + (sizes().vocabulary() - 1));
            }
            if (row.types()[i] < 0 || row.types()[i] >= sizes().types()) {
                return Optional.of("token type " + row.types()[i] + " is not from 0 to " + (sizes().types() - 1));
            }
        }
        return Optional.empty();
    }
}
