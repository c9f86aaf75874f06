package org.pagedattention.inference;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How log-likelihoods are computed, where there is a choice.
 *
 * @param specialTokens whether contexts and documents get the special tokens that the tokenizer puts around texts, as
 *     lm-evaluation-harness does since 0.4.9.2
 * @param prefixTokenOrNull what stands before a text; null for the tokenizer's BOS, else its EOS
 * @param sharePrefixes whether tokens that rows begin with in common are computed once
 */
public record LikelihoodOptions(
        boolean specialTokens, @Nullable Integer prefixTokenOrNull, boolean sharePrefixes) implements Serializable {

    /** As the harness does, and every common prefix once. */
    public static LikelihoodOptions defaults() {
        return new LikelihoodOptions(true, null, true);
    }

    /** The same with special tokens around contexts and documents, or without. */
    public LikelihoodOptions withSpecialTokens(boolean special) {
        return new LikelihoodOptions(special, prefixTokenOrNull, sharePrefixes);
    }

    /** The same with a token before texts that the folder does not name. */
    public LikelihoodOptions withPrefixToken(int id) {
        return new LikelihoodOptions(specialTokens, id, sharePrefixes);
    }

    /** The same with common prefixes computed once, or in every row. */
    public LikelihoodOptions withSharePrefixes(boolean share) {
        return new LikelihoodOptions(specialTokens, prefixTokenOrNull, share);
    }
}
