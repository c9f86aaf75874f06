package org.pagedattention.inference;

import java.util.Collections;
import java.util.function.BiFunction;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.TokenBatch;
import org.pagedattention.model.TokenIds;

/** Has a backend prepare for the passes that a model will make, while the first rows are still being read. */
final class Rehearsal {
    /** Tokens of a sentence, and of what fills a page or more. */
    private static final int[] LENGTHS = {24, 200};

    /** What a task's last batch may come to, as a part of a whole one. */
    private static final int[] PARTS = {1, 32};

    private Rehearsal() {}

    /**
     * @param longest tokens of a row
     */
    static void of(ModelBackend backend, int longest, BiFunction<Pass, TokenBatch, Tensor> forward) {
        for (int part : PARTS) {
            for (int length : LENGTHS) {
                int tokens = Math.min(longest, length);
                int rows = Math.max(1, backend.passTokens() / part / tokens);
                TokenBatch batch = TokenBatch.of(Collections.nCopies(rows, TokenIds.of(new int[tokens])));
                backend.prepare(batch.pages(), pass -> {
                    Tensor unused = forward.apply(pass, batch);
                });
            }
        }
    }
}
