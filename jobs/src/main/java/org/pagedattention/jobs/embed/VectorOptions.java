package org.pagedattention.jobs.embed;

import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.jobs.options.PromptOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How vectors are made, where the model's folder leaves a choice. */
public final class VectorOptions {
    @Mixin
    private final PromptOptions prompts = new PromptOptions();

    @Option(
            names = "--pool",
            paramLabel = "HOW",
            description = "How tokens become one vector, for folders that do not say: cls, mean, max, lasttoken,"
                    + " weightedmean or mean_sqrt_len_tokens")
    private @Nullable String pooling;

    /**
     * What these options ask for.
     *
     * @throws IllegalArgumentException when they contradict each other
     */
    public EmbedOptions options() {
        return prompts.options(pooling);
    }
}
