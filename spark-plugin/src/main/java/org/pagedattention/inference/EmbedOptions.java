package org.pagedattention.inference;

import java.io.Serializable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.model.TextRules;

/**
 * How to make vectors, where the model's folder leaves a choice.
 *
 * @param poolingOrNull how to pool, for folders that do not say; null for those that do
 * @param promptName which of the model's prompts to put before every text; null for its default one
 * @param promptText a text to put before every text, whatever the model's prompts are; null for none of one's own
 */
public record EmbedOptions(
        EmbeddingModel.@Nullable Pooling poolingOrNull,
        @Nullable String promptName,
        @Nullable String promptText) implements Serializable {

    public EmbedOptions {
        if (promptName != null && promptText != null) {
            throw new IllegalArgumentException(
                    "a prompt is given by name ('" + promptName + "') and as a text: give one");
        }
    }

    /** All as the folder says. */
    public static EmbedOptions defaults() {
        return new EmbedOptions(null, null, null);
    }

    /** The same with one of the model's prompts. */
    public EmbedOptions withPromptName(String name) {
        return new EmbedOptions(poolingOrNull, name, promptText);
    }

    Optional<EmbeddingModel.Pooling> pooling() {
        return Optional.ofNullable(poolingOrNull);
    }

    String prompt(TextRules rules) {
        return promptText != null ? promptText : rules.prompt(promptName);
    }
}
