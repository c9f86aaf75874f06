package org.pagedattention.jobs.options;

import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.TextRequest;
import picocli.CommandLine.Option;

/** Where a table has its texts, and how much of them a model takes. */
public final class TextOptions {
    /** The column of texts where nobody names one. */
    static final String COLUMN = "text";

    @Option(
            names = "--text",
            paramLabel = "COL",
            description = "Column of the texts, STRING (default: text, unless --tokens is given)")
    private @Nullable String text;

    @Option(
            names = "--tokens",
            paramLabel = "COL",
            description =
                    "Column of token ids instead, ARRAY<INT> or ARRAY<BIGINT>, special tokens included; it is used"
                            + " up")
    private @Nullable String tokens;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Most tokens of a row, special ones included (default: as many as the model takes)")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--on-long",
            paramLabel = "HOW",
            defaultValue = "truncate",
            description = "What becomes of longer rows: truncate (column truncated says so) or fail (they are bad rows)"
                    + " (default: truncate)")
    private TextRequest.OnLong onLong = TextRequest.OnLong.TRUNCATE;

    /**
     * What these options ask for.
     *
     * @param model the model's folder
     * @param pair column of second texts; null without
     * @throws IllegalArgumentException when they contradict each other
     */
    public TextRequest request(String model, @Nullable String pair, PagedAttentionConf conf) {
        String texts = text == null && tokens == null ? COLUMN : text;
        return new TextRequest(model, texts, pair, tokens, maxTokens(), onLong, conf);
    }

    @Nullable
    String texts() {
        return text;
    }

    @Nullable
    String tokens() {
        return tokens;
    }

    /** Most tokens of a row; 0 for as many as the model takes. */
    int maxTokens() {
        if (maxTokens != null && maxTokens < 1) {
            throw new IllegalArgumentException("--max-tokens " + maxTokens + " leaves no token: give 1 or more");
        }
        return maxTokens == null ? 0 : maxTokens;
    }

    TextRequest.OnLong onLong() {
        return onLong;
    }
}
