package org.pagedattention.inference;

import java.io.Serializable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.model.folder.TextRules;

/**
 * How to make vectors, where the model's folder leaves a choice.
 *
 * @param poolingOrNull how to pool, for folders that do not say; null for those that do
 * @param normalizeOrNull whether vectors are made of length 1; null for what the folder says
 * @param promptName which of the model's prompts to put before every text; null for its default one
 * @param promptText a text to put before every text, whatever the model's prompts are; null for none of one's own
 */
public record EmbedOptions(
        @Nullable SequencePooling poolingOrNull,
        @Nullable Boolean normalizeOrNull,
        @Nullable String promptName,
        @Nullable String promptText)
        implements Serializable {

    public EmbedOptions {
        if (promptName != null && promptText != null) {
            throw new IllegalArgumentException(
                    "a prompt is given by name ('" + promptName + "') and as a text: give one");
        }
    }

    /** All as the folder says. */
    public static EmbedOptions defaults() {
        return new EmbedOptions(null, null, null, null);
    }

    /** The same with a pooling for a folder that names none. */
    public EmbedOptions withPooling(SequencePooling pooling) {
        return new EmbedOptions(pooling, normalizeOrNull, promptName, promptText);
    }

    /** The same with vectors of length 1, or as they come. */
    public EmbedOptions withNormalize(boolean normalize) {
        return new EmbedOptions(poolingOrNull, normalize, promptName, promptText);
    }

    /** The same with one of the model's prompts. */
    public EmbedOptions withPromptName(String name) {
        return new EmbedOptions(poolingOrNull, normalizeOrNull, name, promptText);
    }

    /** The same with a text before every text; an empty one turns the model's default prompt off. */
    public EmbedOptions withPromptText(String text) {
        return new EmbedOptions(poolingOrNull, normalizeOrNull, promptName, text);
    }

    /**
     * The same for ready tokens: nothing is put before them, not even a default prompt, so none of them is taken for one.
     *
     * @throws IllegalArgumentException when a prompt is asked for
     */
    public EmbedOptions forTokens() {
        if (promptName != null || promptText != null) {
            throw new IllegalArgumentException(
                    "token ids are taken as they are, so no prompt can be put before them: leave the prompt out");
        }
        return withPromptText("");
    }

    Optional<SequencePooling> pooling() {
        return Optional.ofNullable(poolingOrNull);
    }

    Optional<Boolean> normalize() {
        return Optional.ofNullable(normalizeOrNull);
    }

    String prompt(TextRules rules) {
        return promptText != null ? promptText : rules.prompt(promptName);
    }
}
