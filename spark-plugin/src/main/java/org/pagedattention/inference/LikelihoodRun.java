package org.pagedattention.inference;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.LanguageModel;
import org.pagedattention.model.TokenBatch;

/** One pass of a language model, on its way: {@link #await}, close. For one thread. */
final class LikelihoodRun implements AutoCloseable {
    private final LikelihoodPass asked;
    private final Pass pass;
    private final Tensor found;
    private final @Nullable KeptPages past;
    /** Whoever goes on behind them may let go while this pass still writes them. */
    private final @Nullable KeptPages kept;

    private LikelihoodRun(
            LikelihoodPass asked, Pass pass, Tensor found, @Nullable KeptPages past, @Nullable KeptPages kept) {
        this.asked = asked;
        this.pass = pass;
        this.found = found;
        this.past = past;
        this.kept = kept;
    }

    /**
     * Starts a pass; returns when it is computed, or at once where a device works by itself.
     *
     * @param past what it goes on behind; null for nothing
     * @param keep first tokens of the last part to leave to passes to come
     * @throws org.pagedattention.device.DeviceMemoryException when there is too little memory now
     */
    static LikelihoodRun start(
            LikelihoodPass asked, @Nullable KeptPages past, int keep, ModelBackend backend, LanguageModel model) {
        int[] ids = asked.tree().ids();
        TokenBatch batch = new TokenBatch(ids, new int[ids.length], asked.tree().pages());
        Pass pass = backend.begin(batch.pages(), past == null ? null : past.kept());
        KeptTokens kept = null;
        try {
            kept = keep == 0 ? null : pass.keep(asked.slots(keep));
            Tensor hidden = model.forward(pass, batch);
            Tensor found = asked.targets().length == 0
                    // nothing is asked, but what is kept must be there
                    ? pass.rows(hidden, new int[] {0})
                    : model.logProbs(pass, hidden, asked.rows(), asked.targets());
            pass.start(found);
            KeptPages pages = kept == null ? null : new KeptPages(kept);
            return new LikelihoodRun(asked, pass, found, past == null ? null : past.use(), pages);
        } catch (RuntimeException | Error e) {
            pass.close();
            if (kept != null) {
                kept.close();
            }
            throw e;
        }
    }

    /** Whether {@link #await} need not wait. */
    boolean isDone() {
        return pass.isDone(found);
    }

    /** Tokens that are computed. */
    int tokens() {
        return asked.tree().tokens();
    }

    /** What it leaves, for who goes on behind it to use; null when nothing was asked for. */
    @Nullable
    KeptPages kept() {
        return kept;
    }

    /**
     * Answers to what was asked of a part.
     *
     * @param first of its scored tokens
     * @param logProbs for it and those behind it
     * @param greedy whether each of them is the most probable one
     */
    record Answers(int first, float[] logProbs, boolean greedy) {}

    /** Waits for the pass and returns what it says of each part. */
    List<Answers> await() {
        FloatBuffer values = pass.read(found);
        List<Answers> all = new ArrayList<>();
        for (LikelihoodPass.Asked part : asked.parts()) {
            float[] logProbs = new float[part.answers().length];
            boolean greedy = true;
            for (int t = 0; t < logProbs.length; t++) {
                int answer = part.answers()[t];
                logProbs[t] = values.get(2 * answer);
                greedy &= values.get(2 * answer + 1) != 0;
            }
            all.add(new Answers(part.first(), logProbs, greedy));
        }
        return all;
    }

    /** Gives all memory back, also while the pass is under way. */
    @Override
    public void close() {
        try {
            pass.close();
        } finally {
            for (KeptPages pages : new KeptPages[] {past, kept}) {
                if (pages != null) {
                    pages.letGo();
                }
            }
        }
    }
}
