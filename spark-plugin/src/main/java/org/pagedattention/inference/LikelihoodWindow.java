package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.prefix.PlannedPass;
import org.pagedattention.prefix.PrefixPasses;

/** Parts whose likelihoods are asked for together, and what is known of them so far. For one thread. */
public final class LikelihoodWindow {
    private final List<ScoredTokens> parts;
    private final PrefixPasses toStart;
    private final float[][] logProbs;
    private final boolean[] greedy;
    private long missing;
    private int passes;
    private long tokens;
    private int splits;
    private @Nullable DeviceMemoryException failure;

    LikelihoodWindow(List<ScoredTokens> parts, PrefixPasses toStart) {
        this.parts = parts;
        this.toStart = toStart;
        logProbs = parts.stream().map(part -> new float[part.scored()]).toArray(float[][]::new);
        greedy = new boolean[parts.size()];
        Arrays.fill(greedy, true);
        missing = parts.stream().mapToLong(ScoredTokens::scored).sum();
    }

    /** The next pass to start, as {@link PrefixPasses#next} says; null when there is none. */
    @Nullable
    PlannedPass next(int[] past, boolean keeps) {
        return failure == null ? toStart.next(past, keeps) : null;
    }

    ScoredTokens part(int number) {
        return parts.get(number);
    }

    List<ScoredTokens> parts(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(parts::get).toList();
    }

    /** Takes the answers of a pass. */
    void take(int[] numbers, LikelihoodRun run) {
        List<LikelihoodRun.Answers> answers = run.await();
        for (int i = 0; i < numbers.length; i++) {
            LikelihoodRun.Answers answer = answers.get(i);
            int count = answer.logProbs().length;
            System.arraycopy(answer.logProbs(), 0, logProbs[numbers[i]], answer.first(), count);
            greedy[numbers[i]] &= answer.greedy();
            missing -= count;
        }
        passes++;
        tokens += run.tokens();
    }

    void countSplits(int more) {
        splits += more;
    }

    /** Ends it without the answers that are missing. */
    void fail(DeviceMemoryException reason) {
        failure = reason;
    }

    /** Whether nothing more is to come. */
    boolean isDone() {
        return missing == 0 || failure != null;
    }

    /** What was found, one a part. */
    List<Likelihood> found() {
        if (failure != null) {
            throw failure;
        }
        List<Likelihood> found = new ArrayList<>();
        for (int i = 0; i < greedy.length; i++) {
            found.add(Likelihood.of(logProbs[i], greedy[i]));
        }
        return found;
    }

    /** Passes that were computed. */
    public int passes() {
        return passes;
    }

    /** Tokens that were computed. */
    public long tokens() {
        return tokens;
    }

    /** How often parts of a pass were cut in two because memory ran out. */
    public int splits() {
        return splits;
    }
}
