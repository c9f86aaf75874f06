package org.pagedattention.inference;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.TextRules;
import org.pagedattention.text.TextTokenizer;
import org.pagedattention.text.Tokens;

/** A model's tokenizer, which makes rows of the kind that this model takes. */
final class RowTokenizer implements AutoCloseable {
    static final String FILE = "tokenizer.json";
    static final String CONFIG = "tokenizer_config.json";

    private final TextTokenizer tokenizer;
    private final boolean templated;
    private final int types;
    private final int longest;
    /** Ends every text; -1 where nothing does. */
    private final int separator;

    /**
     * @param templated whether texts belong into a template that is not filled in here
     * @param types token types of the model; where there is 1, all tokens have it
     */
    private RowTokenizer(TextTokenizer tokenizer, boolean templated, int types, int longest) {
        this.tokenizer = tokenizer;
        this.templated = templated;
        this.types = types;
        this.longest = longest;
        int[] empty = tokenizer.encode("").ids();
        separator = empty.length < 2 ? -1 : empty[empty.length - 1];
    }

    /**
     * @param maxTokens most tokens of a row; 0 for as many as the model takes
     * @throws IllegalArgumentException when the model takes fewer, or has no tokenizer that is understood
     */
    static RowTokenizer load(ModelFiles files, TextRules rules, int types, int maxTokens) {
        int longest = longest(files, rules, maxTokens);
        return new RowTokenizer(open(files, rules.folder(), longest), rules.templated(), types, longest);
    }

    /**
     * Most tokens of a row, where so many are asked for; 0 for as many as the model takes.
     *
     * @throws IllegalArgumentException when the model takes fewer
     */
    static int longest(ModelFiles files, TextRules rules, int maxTokens) {
        if (maxTokens < 0 || maxTokens > rules.longest()) {
            throw new IllegalArgumentException("at most " + maxTokens + " tokens a row were asked for, and model "
                    + files.folder() + " takes 1 to " + rules.longest());
        }
        return maxTokens == 0 ? rules.longest() : maxTokens;
    }

    /**
     * The tokenizer in a folder within the model's.
     *
     * @param folder empty, or a name with {@code /} behind it
     * @param longest most tokens of a row
     * @throws IllegalArgumentException when there is none that is understood
     */
    static TextTokenizer open(ModelFiles files, String folder, int longest) {
        String name = folder + FILE;
        if (!files.exists(name)) {
            throw new IllegalArgumentException("model " + files.folder() + ": has no " + name
                    + ", which is the one kind of tokenizer that is read: load it with transformers' AutoTokenizer and"
                    + " write it with save_pretrained");
        }
        try {
            return new TextTokenizer(files.text(name), textOr(files, folder + CONFIG, "{}"), longest);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("model " + files.folder() + ": " + e.getMessage(), e);
        }
    }

    /** What a file holds; {@code otherwise} where it is not there. */
    static String textOr(ModelFiles files, String name, String otherwise) {
        return files.exists(name) ? files.text(name) : otherwise;
    }

    /** What keeps texts from this model; empty when nothing does. */
    Optional<String> problemOfTexts() {
        return templated
                ? Optional.of("its folder puts a chat template around texts (message in the modality_config of"
                        + " sentence_bert_config.json), a program that is not run here: run it elsewhere, and give token"
                        + " ids")
                : Optional.empty();
    }

    PreparedRow prepare(String text, @Nullable String pair) {
        problemOfTexts().ifPresent(problem -> {
            throw new IllegalStateException("the model takes no texts: " + problem);
        });
        Tokens tokens = pair == null ? tokenizer.encode(text) : tokenizer.encode(text, pair);
        int[] typed = types > 1 ? tokens.types() : new int[tokens.ids().length];
        return new PreparedRow(new TokenIds(tokens.ids(), typed), tokens.truncated());
    }

    PreparedRow prepare(int[] ids) {
        boolean tooLong = ids.length > longest;
        return new PreparedRow(TokenIds.of(tooLong ? Arrays.copyOf(ids, longest) : ids), tooLong);
    }

    /** Whether a separator stands before the end of a row whose tokens all have type 0. */
    boolean isUntypedPair(TokenIds row) {
        for (int type : row.types()) {
            if (type != 0) {
                return false;
            }
        }
        for (int i = 1; i < row.length() - 1; i++) {
            if (row.ids()[i] == separator) {
                return true;
            }
        }
        return false;
    }

    /** Most tokens of a row. */
    int longest() {
        return longest;
    }

    int promptTokens(String prompt) {
        return tokenizer.promptTokens(prompt);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
