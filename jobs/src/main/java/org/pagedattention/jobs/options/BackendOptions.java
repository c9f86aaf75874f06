package org.pagedattention.jobs.options;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import picocli.CommandLine.Option;

/** Options that stand for {@code spark.pagedAttention.*} settings and override them. */
public final class BackendOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "auto (cuDNN where it works, else the CPU), cpu or cudnn (default: auto)")
    private @Nullable String backend;

    @Option(
            names = "--page-size",
            paramLabel = "TOKENS",
            description = "Tokens of a page, a power of two from 1 to 1024 (default: 64)")
    private @Nullable String pageSize;

    @Option(
            names = "--layout",
            paramLabel = "NAME",
            description = "packed (tokens end to end, no waste) or padded (whole pages) (default: packed)")
    private @Nullable String layout;

    @Option(
            names = "--batch-tokens",
            paramLabel = "TOKENS",
            description = "Tokens of one batch at most (default: spark.pagedAttention.batch.maxTokens)")
    private @Nullable String batchTokens;

    /** The settings that these options stand for. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        put(settings, "backend", backend);
        put(settings, "page.size", pageSize);
        put(settings, "page.layout", layout);
        put(settings, "batch.maxTokens", batchTokens);
        return settings;
    }

    private static void put(Map<String, String> settings, String name, @Nullable String value) {
        if (value != null) {
            settings.put(PagedAttentionConf.PREFIX + name, value);
        }
    }
}
