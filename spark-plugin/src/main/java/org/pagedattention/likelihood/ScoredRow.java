package org.pagedattention.likelihood;

import java.util.List;

/**
 * What is scored of one row.
 *
 * @param parts whose log-likelihoods add up to the row's; none where the row has no token to score
 * @param truncated whether the row has tokens that take no part
 */
public record ScoredRow(List<ScoredTokens> parts, boolean truncated) {

    static ScoredRow of(ScoredTokens only, boolean truncated) {
        return new ScoredRow(List.of(only), truncated);
    }

    /** Tokens that are scored. */
    public int tokens() {
        return parts.stream().mapToInt(ScoredTokens::scored).sum();
    }

    /** Tokens that a model is fed where nothing is shared. */
    public int fed() {
        return parts.stream().mapToInt(part -> part.tokens().length - 1).sum();
    }
}
