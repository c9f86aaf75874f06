package org.pagedattention.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes token ids of texts, in the thread of whoever asks. Loaded once a process; safe for use by several threads.
 */
public final class TextTokenizer implements AutoCloseable {
    private final TokenizersLibrary library = TokenizersNative.library();
    private final TokenizerJson json;
    private final long cutting;
    private final long whole;
    private final TextCut cut;
    /** Closing waits for those who encode: the library would read memory that is gone. */
    private final ReadWriteLock open = new ReentrantReadWriteLock();

    private boolean closed;

    /**
     * @param tokenizerJson the contents of a tokenizer.json
     * @param tokenizerConfig the contents of the tokenizer_config.json beside it; {@code {}} where there is none
     * @param longest most tokens of a row, special ones included; longer texts lose their end, the longer one of a pair
     *     first
     * @throws IllegalArgumentException when the tokenizer cannot be made
     */
    public TextTokenizer(String tokenizerJson, String tokenizerConfig, int longest) {
        json = new TokenizerJson(tokenizerJson, tokenizerConfig);
        cut = new TextCut(longest, json.splitsAtSpaces() && !json.cutsLeft());
        cutting = create(json.cutTo(longest));
        whole = create(json.cutTo(0));
    }

    private long create(String prepared) {
        try {
            return library.createTokenizerFromString(prepared);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "tokenizer.json is not understood by the tokenizers' library: " + e.getMessage(), e);
        }
    }

    /** The tokens of a text, with the special tokens that the model expects around them. */
    public Tokens encode(String text) {
        return encode(text, true);
    }

    /** The tokens of a text without special ones, cut as {@link #encode(String)} cuts them. */
    public Tokens encodePlain(String text) {
        return encode(text, false);
    }

    private Tokens encode(String text, boolean specialTokens) {
        int end = cut.first(text);
        while (end < text.length()) {
            Tokens tokens = encodeUnlessFew(text.substring(0, end), specialTokens);
            if (tokens != null) {
                return tokens;
            }
            end = cut.next(text, end);
        }
        return withEncoding(cutting, text, null, specialTokens, encoding -> tokens(encoding, false));
    }

    /**
     * All tokens of a text, however many there are.
     *
     * @param specialTokens whether those that the model expects around a text are among them
     */
    public int[] encodeAll(String text, boolean specialTokens) {
        return ints(withEncoding(whole, text, null, specialTokens, library::getTokenIds));
    }

    /** The tokens of a pair of texts, with the special tokens that the model expects around them. */
    public Tokens encode(String text, String pair) {
        return withEncoding(cutting, text, pair, true, encoding -> tokens(encoding, true));
    }

    /**
     * How many tokens a prompt adds at the start of every text, the special ones there included: what
     * sentence-transformers counts, which is the prompt by itself without a special token at its end.
     */
    public int promptTokens(String prompt) {
        if (prompt.isEmpty()) {
            return 0;
        }
        long[] ids = withEncoding(whole, prompt, null, true, library::getTokenIds);
        boolean ends = ids.length > 0 && json.isSpecial((int) ids[ids.length - 1]);
        return ids.length - (ends ? 1 : 0);
    }

    /** The tokens of the start of a text; null when there are too few to be sure of those that are kept. */
    private @Nullable Tokens encodeUnlessFew(String start, boolean specialTokens) {
        return this.<@Nullable Tokens>withEncoding(
                cutting,
                start,
                null,
                specialTokens,
                encoding -> library.getOverflowCount(encoding) < TextCut.ENOUGH ? null : tokens(encoding, false));
    }

    private Tokens tokens(long encoding, boolean pair) {
        int[] ids = ints(library.getTokenIds(encoding));
        int[] types = pair ? ints(library.getTypeIds(encoding)) : new int[ids.length];
        return new Tokens(ids, types, library.getOverflowCount(encoding) > 0);
    }

    private <T extends @Nullable Object> T withEncoding(
            long tokenizer, String text, @Nullable String pair, boolean specialTokens, LongFunction<T> use) {
        open.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            long encoding = pair == null
                    ? library.encode(tokenizer, text, specialTokens)
                    : library.encodeDual(tokenizer, text, pair, specialTokens);
            try {
                return use.apply(encoding);
            } finally {
                library.deleteEncoding(encoding);
            }
        } finally {
            open.readLock().unlock();
        }
    }

    private static int[] ints(long[] longs) {
        int[] ints = new int[longs.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) longs[i];
        }
        return ints;
    }

    @Override
    public void close() {
        open.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                library.deleteTokenizer(cutting);
                library.deleteTokenizer(whole);
            }
        } finally {
            open.writeLock().unlock();
        }
    }
}
