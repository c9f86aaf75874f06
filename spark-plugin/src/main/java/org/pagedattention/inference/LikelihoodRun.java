package org.pagedattention.inference;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.model.LanguageModel;
import org.pagedattention.model.TokenBatch;

/** One pass of a language model, on its way: {@link #await}, close. For one thread. */
final class LikelihoodRun implements AutoCloseable {
    private final LikelihoodPass asked;
    private final Pass pass;
    private final Tensor found;

    private LikelihoodRun(LikelihoodPass asked, Pass pass, Tensor found) {
        this.asked = asked;
        this.pass = pass;
        this.found = found;
    }

    /**
     * Starts a pass; returns when it is computed, or at once where a device works by itself.
     *
     * @throws org.pagedattention.device.DeviceMemoryException when there is too little memory now
     */
    static LikelihoodRun start(LikelihoodPass asked, ModelBackend backend, LanguageModel model) {
        int[] ids = asked.tree().ids();
        TokenBatch batch = new TokenBatch(ids, new int[ids.length], asked.tree().pages());
        Pass pass = backend.begin(batch.pages());
        try {
            Tensor hidden = model.forward(pass, batch);
            Tensor found = model.logProbs(pass, hidden, asked.rows(), asked.targets());
            pass.start(found);
            return new LikelihoodRun(asked, pass, found);
        } catch (RuntimeException | Error e) {
            pass.close();
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

    /** Waits for the pass and returns what it says of each part. */
    List<Likelihood> await() {
        FloatBuffer values = pass.read(found);
        List<Likelihood> all = new ArrayList<>();
        int at = 0;
        for (ScoredTokens part : asked.parts()) {
            float[] logProbs = new float[part.scored()];
            boolean greedy = true;
            for (int t = 0; t < logProbs.length; t++) {
                int answer = asked.answers()[at++];
                logProbs[t] = values.get(2 * answer);
                greedy &= values.get(2 * answer + 1) != 0;
            }
            all.add(Likelihood.of(logProbs, greedy));
        }
        return all;
    }

    /** Gives all memory back, also while the pass is under way. */
    @Override
    public void close() {
        pass.close();
    }
}
