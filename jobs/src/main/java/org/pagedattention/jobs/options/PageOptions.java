package org.pagedattention.jobs.options;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import picocli.CommandLine.Option;

/** How K and V lie in pages, for tables of q, k and v: options that stand for settings and override them. */
public final class PageOptions {
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

    /** The settings that these options stand for. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        if (pageSize != null) {
            settings.put(PagedAttentionConf.PREFIX + "page.size", pageSize);
        }
        if (layout != null) {
            settings.put(PagedAttentionConf.PREFIX + "page.layout", layout);
        }
        return settings;
    }
}
