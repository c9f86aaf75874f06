package org.pagedattention.jobs.options;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import picocli.CommandLine.Option;

/** What computes, and how much at once: options that stand for settings and override them. */
public final class ComputeOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "auto (cuDNN where it works, else the CPU), cpu or cudnn (default: auto)")
    private @Nullable String backend;

    @Option(
            names = "--batch-tokens",
            paramLabel = "TOKENS",
            description = "Tokens of one batch at most (default: spark.pagedAttention.batch.maxTokens)")
    private @Nullable String batchTokens;

    /** The settings that these options stand for. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        if (backend != null) {
            settings.put(PagedAttentionConf.PREFIX + "backend", backend);
        }
        if (batchTokens != null) {
            settings.put(PagedAttentionConf.PREFIX + "batch.maxTokens", batchTokens);
        }
        return settings;
    }
}
