package org.pagedattention.jobs.options;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelType;
import picocli.CommandLine.Option;

/** What a model computes in, an option that stands for a setting and overrides it. */
public final class ModelTypeOption {
    @Option(
            names = "--compute-dtype",
            paramLabel = "TYPE",
            description = "What the model computes in: auto, fp16 or bf16 (with cuDNN), or fp32 (on the CPU) (default:"
                    + " spark.pagedAttention.model.dtype)")
    private @Nullable String type;

    /** The settings that it stands for. */
    public Map<String, String> settings() {
        return type == null ? Map.of() : Map.of(ModelType.KEY, type);
    }
}
