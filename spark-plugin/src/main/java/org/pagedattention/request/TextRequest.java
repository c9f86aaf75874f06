package org.pagedattention.request;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;

/**
 * What a job over texts needs to know besides its data and what to make of it.
 *
 * @param model folder of the model, anywhere that Hadoop reaches
 * @param text column of the texts; null where rows hold tokens
 * @param pair column of second texts, for models that take pairs; null without
 * @param tokens column of token ids; null where rows hold texts
 * @param maxTokens most tokens of a row, special ones included; 0 for as many as the model takes
 * @param onLong what becomes of rows with more
 * @param conf backend, batch settings and what becomes of bad rows
 */
public record TextRequest(
        String model,
        @Nullable String text,
        @Nullable String pair,
        @Nullable String tokens,
        int maxTokens,
        OnLong onLong,
        PagedAttentionConf conf)
        implements Serializable {

    /** What becomes of a row with more tokens than the model takes, or than were asked for. */
    public enum OnLong {
        /** It loses its end, and says so. */
        TRUNCATE,
        /** It is a bad row. */
        FAIL;

        public static OnLong parse(String name) {
            return switch (name) {
                case "truncate" -> TRUNCATE;
                case "fail" -> FAIL;
                default ->
                    throw new IllegalArgumentException(
                            "'" + name + "' is no way to treat long texts: use truncate or fail");
            };
        }
    }

    public TextRequest {
        if ((text == null) == (tokens == null)) {
            throw new IllegalArgumentException(
                    text == null
                            ? "no column is named: name the one that holds the texts, or the one that holds token ids"
                            : "rows hold texts (column " + text + ") or token ids (column " + tokens
                                    + "): name one of the two");
        }
        if (pair != null && text == null) {
            throw new IllegalArgumentException("column " + pair
                    + " is to hold the second text of each pair, and no column holds the first: name it too");
        }
        if (maxTokens < 0) {
            throw new IllegalArgumentException("at most " + maxTokens + " tokens a row are none: ask for 1 or more");
        }
    }

    /** A column of texts, for the model in a folder. */
    public static TextRequest text(String model, String column) {
        return new TextRequest(model, column, null, null, 0, OnLong.TRUNCATE, PagedAttentionConf.defaults());
    }

    /** Columns of pairs of texts, such as queries and passages. */
    public static TextRequest pairs(String model, String text, String pair) {
        return new TextRequest(model, text, pair, null, 0, OnLong.TRUNCATE, PagedAttentionConf.defaults());
    }

    /** A column of token ids, special ones included. */
    public static TextRequest tokens(String model, String column) {
        return new TextRequest(model, null, null, column, 0, OnLong.TRUNCATE, PagedAttentionConf.defaults());
    }

    /** The same with at most so many tokens a row. */
    public TextRequest withMaxTokens(int most) {
        return new TextRequest(model, text, pair, tokens, most, onLong, conf);
    }

    /** The same with another way to treat long rows. */
    public TextRequest withOnLong(OnLong what) {
        return new TextRequest(model, text, pair, tokens, maxTokens, what, conf);
    }

    /** The same with other settings. */
    public TextRequest withConf(PagedAttentionConf settings) {
        return new TextRequest(model, text, pair, tokens, maxTokens, onLong, settings);
    }
}
