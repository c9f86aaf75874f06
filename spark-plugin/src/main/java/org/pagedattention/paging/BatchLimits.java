package org.pagedattention.paging;

import java.io.Serializable;

/**
 * How large a batch may grow. A sequence above a limit goes alone.
 *
 * @param maxSequences sequences
 * @param maxTokens tokens, the longer of a sequence's query and key side counted
 * @param maxBytes bytes of Q, K, V and O together
 */
public record BatchLimits(int maxSequences, long maxTokens, long maxBytes) implements Serializable {

    public BatchLimits {
        requirePositive("spark.pagedAttention.batch.maxSequences", maxSequences);
        requirePositive("spark.pagedAttention.batch.maxTokens", maxTokens);
        requirePositive("spark.pagedAttention.batch.maxBytes", maxBytes);
    }

    /** Whether {@code sequences} of {@code tokens} in all may be in one batch, as far as their numbers say. */
    public boolean allows(int sequences, long tokens) {
        return sequences <= 1 || (sequences <= maxSequences && tokens <= maxTokens);
    }

    /**
     * Sequences of a full batch, all alike; at least one.
     *
     * @param tokens of each
     * @param tokenBytes bytes of a token of Q, K, V and O together
     */
    public int sequences(int tokens, long tokenBytes) {
        long most = Math.min(maxTokens, maxBytes / tokenBytes) / tokens;
        return (int) Math.max(1, Math.min(maxSequences, most));
    }

    private static void requirePositive(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " is " + value + ": set it to 1 or more");
        }
    }
}
