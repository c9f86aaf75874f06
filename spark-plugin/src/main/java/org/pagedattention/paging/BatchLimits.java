package org.pagedattention.paging;

/**
 * How large a batch may grow. A sequence above a limit goes alone.
 *
 * @param maxSequences sequences
 * @param maxTokens tokens, the longer of a sequence's query and key side counted
 * @param maxBytes bytes of Q, K, V and O together
 */
public record BatchLimits(int maxSequences, long maxTokens, long maxBytes) {

    public BatchLimits {
        requirePositive("spark.pagedAttention.batch.maxSequences", maxSequences);
        requirePositive("spark.pagedAttention.batch.maxTokens", maxTokens);
        requirePositive("spark.pagedAttention.batch.maxBytes", maxBytes);
    }

    private static void requirePositive(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " is " + value + ": set it to 1 or more");
        }
    }
}
