package org.pagedattention.paging;

/**
 * How long one sequence is.
 *
 * @param queryTokens tokens of Q and O
 * @param kvTokens tokens of K and V
 */
public record SequenceLengths(int queryTokens, int kvTokens) {

    public SequenceLengths {
        if (queryTokens < 0 || kvTokens < 0) {
            throw new IllegalArgumentException("negative sequence length: " + queryTokens + ", " + kvTokens);
        }
    }

    /** What the sequence counts against a token budget: the longer of its two sides. */
    public int tokens() {
        return Math.max(queryTokens, kvTokens);
    }
}
