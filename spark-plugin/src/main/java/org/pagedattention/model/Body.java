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

    /** Numbers of a token's row. */
    int hidden();

    /** Most tokens of a row, special ones included. */
    int longest();

    /** Token ids are below it. */
    int vocabulary();

    /** Token types are below it. */
    int types();

    int layers();

    /** Family and sizes, in words. */
    String description();

    /** What keeps a row from this model; empty when nothing does. */
    default Optional<String> problem(TokenIds row) {
        if (row.length() == 0) {
            return Optional.of("it has no token");
        }
        if (row.length() > longest()) {
            return Optional.of(
                    "it has " + row.length() + " tokens, more than the " + longest() + " that the model takes");
        }
        for (int i = 0; i < row.length(); i++) {
            if (row.ids()[i] < 0 || row.ids()[i] >= vocabulary()) {
                return Optional.of("token id " + row.ids()[i] + " is not from 0 to " + (vocabulary() - 1));
            }
            if (row.types()[i] < 0 || row.types()[i] >= types()) {
                return Optional.of("token type " + row.types()[i] + " is not from 0 to " + (types() - 1));
            }
        }
        return Optional.empty();
    }
}
