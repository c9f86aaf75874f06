package org.pagedattention.jobs.options;

import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import picocli.CommandLine.Option;

/** What of a table's texts a language model scores, as lm-evaluation-harness has it; stands beside {@link TextOptions}. */
public final class ContinuationOptions {
    @Option(
            names = "--context",
            paramLabel = "COL",
            description = "Column of contexts, STRING: --continuation is scored behind them, and --text is not needed")
    private @Nullable String context;

    @Option(names = "--continuation", paramLabel = "COL", description = "Column of continuations, STRING")
    private @Nullable String continuation;

    @Option(
            names = "--context-tokens",
            paramLabel = "COL",
            description = "Column of the contexts' token ids: --tokens is scored behind them; it is used up too")
    private @Nullable String contextTokens;

    @Option(
            names = "--rolling",
            description = "Score all of a text, in windows as long as the model takes, instead of its start")
    private boolean rolling;

    @Option(
            names = "--special-tokens",
            paramLabel = "BOOL",
            arity = "1",
            description = "true: contexts, and texts with --rolling, get the special tokens that the tokenizer puts"
                    + " before texts, as in lm-evaluation-harness since 0.4.9.2; false: none, as before (default:"
                    + " true)")
    private @Nullable Boolean specialTokens;

    @Option(
            names = "--prefix-token",
            paramLabel = "ID",
            description = "Token that stands before a text (default: the tokenizer's BOS, else its EOS)")
    private @Nullable Integer prefixToken;

    /** Whether any of them is given. */
    public boolean given() {
        return context != null
                || continuation != null
                || contextTokens != null
                || rolling
                || specialTokens != null
                || prefixToken != null;
    }

    /**
     * What these options ask for.
     *
     * @param model the model's folder
     * @throws IllegalArgumentException when they contradict each other
     */
    public LikelihoodRequest request(TextOptions text, String model, PagedAttentionConf conf) {
        LikelihoodColumns columns = columns(text);
        if (rolling && columns.context() != null) {
            throw new IllegalArgumentException(
                    "--rolling scores whole texts, and contexts are given: leave one of the two out");
        }
        LikelihoodRequest request = LikelihoodRequest.of(model, columns)
                .withMaxTokens(text.maxTokens())
                .withOnLong(text.onLong())
                .withConf(conf);
        return rolling ? request.withMode(LikelihoodMode.ROLLING) : request;
    }

    private LikelihoodColumns columns(TextOptions text) {
        String texts = text.texts();
        String tokens = text.tokens();
        if (context != null || continuation != null) {
            if (context == null || continuation == null) {
                throw new IllegalArgumentException(
                        context == null ? "--continuation needs --context" : "--context needs --continuation");
            }
            if (texts != null || tokens != null || contextTokens != null) {
                throw new IllegalArgumentException(
                        "--context and --continuation say what is scored: leave --text, --tokens and --context-tokens"
                                + " out");
            }
            return LikelihoodColumns.continuation(context, continuation);
        }
        if (tokens != null && texts != null) {
            throw new IllegalArgumentException(
                    "rows hold texts (column " + texts + ") or token ids (column " + tokens + "): name one of the two");
        }
        if (contextTokens != null) {
            if (tokens == null) {
                throw new IllegalArgumentException("--context-tokens needs --tokens, which are scored behind them");
            }
            return LikelihoodColumns.continuationTokens(contextTokens, tokens);
        }
        return tokens != null
                ? LikelihoodColumns.tokens(tokens)
                : LikelihoodColumns.text(texts == null ? TextOptions.COLUMN : texts);
    }

    /** How log-likelihoods are computed, as far as these options say. */
    public LikelihoodOptions options() {
        LikelihoodOptions options =
                LikelihoodOptions.defaults().withSpecialTokens(specialTokens == null || specialTokens);
        return prefixToken == null ? options : options.withPrefixToken(prefixToken);
    }
}
