package org.pagedattention.inference;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;

/** Parts whose likelihoods are asked for together, and what is known of them so far. For one thread. */
public final class LikelihoodWindow {
    private final List<ScoredTokens> parts;
    private final Deque<int[]> toStart;
    private final Likelihood[] found;
    private int missing;
    private int passes;
    private long tokens;
    private int splits;
    private @Nullable DeviceMemoryException failure;

    /**
     * @param passes the numbers of the parts of each pass
     */
    LikelihoodWindow(List<ScoredTokens> parts, List<int[]> passes) {
        this.parts = parts;
        toStart = new ArrayDeque<>(passes);
        found = new Likelihood[parts.size()];
        missing = parts.size();
    }

    /** The parts of the next pass to start; null when there is none. */
    int @Nullable [] next() {
        return toStart.poll();
    }

    boolean hasNext() {
        return !toStart.isEmpty();
    }

    List<ScoredTokens> parts(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(parts::get).toList();
    }

    /** Takes the answers of a pass. */
    void take(int[] numbers, LikelihoodRun run) {
        List<Likelihood> answers = run.await();
        for (int i = 0; i < numbers.length; i++) {
            found[numbers[i]] = answers.get(i);
        }
        missing -= numbers.length;
        passes++;
        tokens += run.tokens();
    }

    void countSplits(int more) {
        splits += more;
    }

    /** Ends it without the answers that are missing. */
    void fail(DeviceMemoryException reason) {
        failure = reason;
        toStart.clear();
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
        return List.of(found);
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
