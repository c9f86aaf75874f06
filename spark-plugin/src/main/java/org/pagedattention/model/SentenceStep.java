package org.pagedattention.model;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;

/** One module behind a transformer's body. */
interface SentenceStep {

    /**
     * Queues the module.
     *
     * @param x of one row a token for the first module, of one row a sequence for the others
     * @param promptTokens tokens of the prompt at the start of every row
     */
    Tensor apply(Pass pass, Tensor x, int promptTokens);

    /** Numbers of a row that comes out, of {@code in} that go in. */
    int width(int in);

    /** What it does, in words. */
    String description();

    /**
     * One row a sequence.
     *
     * @param modes put end to end
     * @param includePrompt whether the tokens of a prompt take part
     */
    record Pool(List<SequencePooling> modes, boolean includePrompt) implements SentenceStep {

        @Override
        public Tensor apply(Pass pass, Tensor x, int promptTokens) {
            int skipped = includePrompt ? 0 : promptTokens;
            return pass.beside(
                    modes.stream().map(mode -> pass.pool(mode, x, skipped)).toList());
        }

        @Override
        public int width(int in) {
            return in * modes.size();
        }

        @Override
        public String description() {
            String names = modes.stream()
                    .map(mode -> mode.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .collect(Collectors.joining(" + "));
            return names + " pooling" + (includePrompt ? "" : " without the prompt");
        }
    }

    /** A linear layer with an activation. */
    record Dense(Linear linear, Activation activation, int out) implements SentenceStep {

        @Override
        public Tensor apply(Pass pass, Tensor x, int promptTokens) {
            return linear.apply(pass, x, activation);
        }

        @Override
        public int width(int in) {
            return out;
        }

        @Override
        public String description() {
            return "a dense layer to " + out;
        }
    }

    /** Every row divided by its length. */
    record Normalize() implements SentenceStep {

        @Override
        public Tensor apply(Pass pass, Tensor x, int promptTokens) {
            return pass.normalize(x);
        }

        @Override
        public int width(int in) {
            return in;
        }

        @Override
        public String description() {
            return "length 1";
        }
    }
}
