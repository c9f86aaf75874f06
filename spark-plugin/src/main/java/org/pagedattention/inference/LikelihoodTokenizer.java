package org.pagedattention.inference;

import java.util.Arrays;
import java.util.OptionalInt;
import org.pagedattention.likelihood.TokenEncoder;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.text.PrefixToken;
import org.pagedattention.text.TextTokenizer;

/** The tokenizer of a language model, whose special tokens stand before a text and not behind it. */
final class LikelihoodTokenizer implements TokenEncoder, AutoCloseable {
    private final TextTokenizer tokenizer;
    private final int prefix;

    private LikelihoodTokenizer(TextTokenizer tokenizer, int prefix) {
        this.tokenizer = tokenizer;
        this.prefix = prefix;
    }

    /**
     * @param longest most tokens that are fed
     * @throws IllegalArgumentException when the folder has no such tokenizer, or does not say what begins a text
     */
    static LikelihoodTokenizer load(ModelFiles files, int longest, LikelihoodOptions options) {
        // two more than are ever used of a text: the prefix, and one that tells that there are more
        TextTokenizer tokenizer = RowTokenizer.open(files, "", longest + 2);
        try {
            if (options.specialTokens()) {
                requireNothingBehind(files, tokenizer);
            }
            return new LikelihoodTokenizer(tokenizer, prefix(files, options));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static int prefix(ModelFiles files, LikelihoodOptions options) {
        Integer asked = options.prefixTokenOrNull();
        if (asked != null) {
            return asked;
        }
        OptionalInt found = PrefixToken.find(
                files.text(RowTokenizer.FILE),
                RowTokenizer.textOr(files, RowTokenizer.CONFIG, "{}"),
                RowTokenizer.textOr(files, "special_tokens_map.json", "{}"),
                files.text("config.json"));
        return found.orElseThrow(() -> new IllegalArgumentException("model " + files.folder()
                + ": neither tokenizer_config.json nor special_tokens_map.json names a bos_token or an eos_token, one"
                + " of which stands before a text: ask for a prefix token by its id"));
    }

    /** A token behind the context would part it from its continuation. */
    private static void requireNothingBehind(ModelFiles files, TextTokenizer tokenizer) {
        int[] plain = tokenizer.encodeAll("a", false);
        int[] special = tokenizer.encodeAll("a", true);
        int before = special.length - plain.length;
        if (before < 0 || !Arrays.equals(Arrays.copyOfRange(special, before, special.length), plain)) {
            throw new IllegalArgumentException("model " + files.folder()
                    + ": its tokenizer puts special tokens behind a text, as language models' do not: ask for no special"
                    + " tokens, or give the folder of a language model");
        }
    }

    /** The token that stands before a text. */
    int prefix() {
        return prefix;
    }

    @Override
    public int[] encode(String text, boolean specialTokens) {
        return tokenizer.encodeAll(text, specialTokens);
    }

    @Override
    public int[] start(String text) {
        return tokenizer.encodePlain(text).ids();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
