package org.pagedattention.jobs.options;

import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;

/** Options of jobs on q, k and v that stand for {@code spark.pagedAttention.*} settings and override them. */
public final class BackendOptions {
    @Mixin
    private final ComputeOptions compute = new ComputeOptions();

    @Mixin
    private final PageOptions pages = new PageOptions();

    /** The settings that these options stand for. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(compute.settings());
        settings.putAll(pages.settings());
        return settings;
    }
}
