package org.pagedattention.likelihood;

import java.util.Arrays;

/**
 * Tokens of which the last ones are scored, each behind all that come before it. The very last one is scored only, so a
 * model is fed all but it.
 *
 * @param tokens those that are conditioned on, then those that are scored
 * @param scored how many are scored; there is one before them at least
 */
public record ScoredTokens(int[] tokens, int scored) {

    public ScoredTokens {
        if (scored < 1 || scored >= tokens.length) {
            throw new IllegalArgumentException(scored + " of " + tokens.length
                    + " tokens cannot be scored: 1 at least, and 1 less than all at most");
        }
    }

    /** {@code context} conditioned on, {@code continuation} scored. */
    static ScoredTokens of(int[] context, int[] continuation) {
        int[] all = Arrays.copyOf(context, context.length + continuation.length);
        System.arraycopy(continuation, 0, all, context.length, continuation.length);
        return new ScoredTokens(all, continuation.length);
    }

    /** What a model is fed. */
    public int[] fed() {
        return Arrays.copyOf(tokens, tokens.length - 1);
    }

    /** The {@code index}-th token that is scored, from 0. */
    public int target(int index) {
        return tokens[tokens.length - scored + index];
    }

    /** Where in {@link #fed} the token stands behind which {@link #target} comes. */
    public int position(int index) {
        return tokens.length - scored + index - 1;
    }

    /** The same without what lies too far on the left, where more than {@code longest} would be fed. */
    ScoredTokens lastFed(int longest) {
        int kept = Math.min(tokens.length, longest + 1);
        return new ScoredTokens(Arrays.copyOfRange(tokens, tokens.length - kept, tokens.length), scored);
    }
}
