package org.pagedattention.jobs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ElementType;
import org.pagedattention.attention.Mask;
import picocli.CommandLine.Option;

/** Heads, dims and element type of the tensor columns. */
final class ShapeOptions {
    @Option(names = "--query-heads", paramLabel = "N", description = "Heads of Q and of the output; required")
    private @Nullable Integer queryHeads;

    @Option(
            names = "--kv-heads",
            paramLabel = "N",
            description = "Heads of K and V, a divisor of --query-heads (equal: MHA, one: MQA); required")
    private @Nullable Integer kvHeads;

    @Option(names = "--head-dim", paramLabel = "N", description = "Elements of one head of Q and K; required")
    private @Nullable Integer headDim;

    @Option(
            names = "--value-dim",
            paramLabel = "N",
            description = "Elements of one head of V and of the output (default: --head-dim)")
    private @Nullable Integer valueDim;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Element type of BINARY columns, little-endian: fp16, bf16 or fp32; ARRAY<FLOAT> columns are"
                    + " rounded to it; required")
    private @Nullable ElementType type;

    /** Whether any of these options was given. */
    boolean given() {
        return queryHeads != null || kvHeads != null || headDim != null || valueDim != null || type != null;
    }

    /** The shapes, without a mask and with the usual scale. */
    AttentionSpec spec() {
        return spec(Mask.none(), null);
    }

    /**
     * The shapes with a mask.
     *
     * @param scale null for 1/√headDim
     */
    AttentionSpec spec(Mask mask, @Nullable Float scale) {
        if (queryHeads == null || kvHeads == null || headDim == null || type == null) {
            throw new IllegalArgumentException("missing " + String.join(", ", missing())
                    + ": say what the tensor columns hold, such as"
                    + " --query-heads 12 --kv-heads 12 --head-dim 64 --dtype fp16");
        }
        float factor = scale == null ? AttentionSpec.defaultScale(Math.max(1, headDim)) : scale;
        int values = valueDim == null ? headDim : valueDim;
        return new AttentionSpec(queryHeads, kvHeads, headDim, values, type, mask, factor);
    }

    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (queryHeads == null) {
            missing.add("--query-heads");
        }
        if (kvHeads == null) {
            missing.add("--kv-heads");
        }
        if (headDim == null) {
            missing.add("--head-dim");
        }
        if (type == null) {
            missing.add("--dtype");
        }
        return missing;
    }
}
