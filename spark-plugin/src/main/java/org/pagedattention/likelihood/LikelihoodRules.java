package org.pagedattention.likelihood;

import java.util.Arrays;
import java.util.List;

/**
 * Which tokens of a row are scored, and behind which others, as lm-evaluation-harness has it: {@code TemplateLM}'s {@code
 * loglikelihood} and {@code _encode_pair}, {@code HFLM}'s {@code loglikelihood_rolling} and {@code _loglikelihood_tokens}.
 * Where the harness stops with a failed assertion, a row is an {@link UnscorableRow}; a text of no token has the
 * log-likelihood 0, as an empty document has in the harness.
 */
public final class LikelihoodRules {
    private final TokenEncoder encoder;
    private final int prefix;
    private final int longest;
    private final boolean specialTokens;

    /**
     * @param prefix token before the first one of a text: the tokenizer's BOS, else its EOS
     * @param longest most tokens that the model is fed
     * @param specialTokens whether contexts and long documents get the special tokens that the tokenizer puts around texts,
     *     as in the harness since 0.4.9.2; before that they got none
     */
    public LikelihoodRules(TokenEncoder encoder, int prefix, int longest, boolean specialTokens) {
        if (longest < 1) {
            throw new IllegalArgumentException("a model that is fed " + longest + " tokens scores none");
        }
        this.encoder = encoder;
        this.prefix = prefix;
        this.longest = longest;
        this.specialTokens = specialTokens;
    }

    /** Most tokens that the model is fed. */
    public int longest() {
        return longest;
    }

    /** A text behind the prefix token; of a long one the first {@link #longest} tokens are scored. */
    public ScoredRow text(String text) {
        return text(encoder.start(text));
    }

    /** A text of ready tokens, special ones included. */
    public ScoredRow text(int[] ids) {
        boolean begins = ids.length > 0 && ids[0] == prefix;
        int[] scored = begins ? Arrays.copyOfRange(ids, 1, ids.length) : ids;
        if (scored.length == 0) {
            return new ScoredRow(List.of(), false);
        }
        int[] kept = Arrays.copyOf(scored, Math.min(scored.length, longest));
        return ScoredRow.of(ScoredTokens.of(new int[] {prefix}, kept), kept.length < scored.length);
    }

    /**
     * A continuation behind its context. Spaces that end the context count as the continuation's; both are tokenized as one
     * text, whose first tokens, as many as the context has by itself, are conditioned on. A context that is too long loses
     * its start.
     *
     * @throws UnscorableRow when no token is the continuation's, or more than the model takes
     */
    public ScoredRow continuation(String context, String continuation) throws UnscorableRow {
        int spaces = Spaces.trailing(context);
        String before = context.substring(0, context.length() - spaces);
        String behind = context.substring(before.length()) + continuation;
        if (before.isEmpty()) {
            return pair(new int[0], encoder.encode(behind, false));
        }
        int[] whole = encoder.encode(before + behind, specialTokens);
        int[] first = encoder.encode(before, specialTokens);
        int split = Math.min(first.length, whole.length);
        return pair(first, Arrays.copyOfRange(whole, split, whole.length));
    }

    /**
     * A continuation of ready tokens behind those of its context.
     *
     * @throws UnscorableRow when it has no token, or more than the model takes
     */
    public ScoredRow continuation(int[] context, int[] continuation) throws UnscorableRow {
        return pair(context, continuation);
    }

    private ScoredRow pair(int[] context, int[] continuation) throws UnscorableRow {
        if (context.length == 0 && continuation.length > 0) {
            boolean begins = continuation[0] == prefix;
            return pair(
                    new int[] {prefix},
                    begins ? Arrays.copyOfRange(continuation, 1, continuation.length) : continuation);
        }
        if (continuation.length == 0) {
            throw new UnscorableRow(
                    "the continuation has no token of its own",
                    "a continuation that adds one at least to what its context has",
                    "none");
        }
        if (continuation.length > longest) {
            throw new UnscorableRow(
                    "the continuation has more tokens than the model takes",
                    "at most " + longest + ", or a long document by itself in rolling mode",
                    continuation.length + "");
        }
        ScoredTokens all = ScoredTokens.of(context, continuation);
        ScoredTokens kept = all.lastFed(longest);
        return ScoredRow.of(kept, kept.tokens().length < all.tokens().length);
    }

    /** A document of any length, behind the prefix token, in windows of which none overlap. */
    public ScoredRow rolling(String document) {
        return rolling(encoder.encode(document, specialTokens));
    }

    /** A document of ready tokens. */
    public ScoredRow rolling(int[] ids) {
        return new ScoredRow(RollingWindows.of(ids, prefix, longest), false);
    }
}
