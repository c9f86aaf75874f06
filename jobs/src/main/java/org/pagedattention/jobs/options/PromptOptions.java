package org.pagedattention.jobs.options;

import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.model.EmbeddingModel;
import picocli.CommandLine.Option;

/** What stands before texts, and how long vectors are, where the model's folder leaves a choice. */
public final class PromptOptions {
    @Option(
            names = "--prompt",
            paramLabel = "NAME",
            description =
                    "Which of the model's prompts to put before every text, such as query or passage (default: the"
                            + " model's own default, if it has one)")
    private @Nullable String prompt;

    @Option(
            names = "--prompt-text",
            paramLabel = "TEXT",
            description = "A text to put before every text instead; '' for none at all")
    private @Nullable String promptText;

    @Option(
            names = "--normalize",
            paramLabel = "BOOL",
            arity = "1",
            description = "true: vectors of length 1; false: as they come (default: as the model's folder says)")
    private @Nullable Boolean normalize;

    /** Whether any of them is given. */
    public boolean given() {
        return prompt != null || promptText != null || normalize != null;
    }

    /**
     * What these options ask for.
     *
     * @param pooling how tokens become one vector, by sentence-transformers' name; null for what the folder says
     * @throws IllegalArgumentException when they contradict each other
     */
    public EmbedOptions options(@Nullable String pooling) {
        return new EmbedOptions(
                pooling == null ? null : EmbeddingModel.pooling(pooling), normalize, prompt, promptText);
    }
}
