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
    private int queryHeads;

    @Option(
            names = "--kv-heads",
            paramLabel = "N",
            description = "Heads of K and V, a divisor of --query-heads (equal: MHA, one: MQA); required")
    private int kvHeads;

    @Option(names = "--head-dim", paramLabel = "N", description = "Elements of one head of Q and K; required")
    private int headDim;

    @Option(
            names = "--value-dim",
            paramLabel = "N",
            description = "Elements of one head of V and of the output (default: --head-dim)")
    private int valueDim;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Element type of BINARY columns, little-endian: fp16, bf16 or fp32; ARRAY<FLOAT> columns are"
                    + " rounded to it; required")
    private @Nullable ElementType type;

    /** Whether any of these options was given. */
    boolean given() {
        return queryHeads != 0 || kvHeads != 0 || headDim != 0 || valueDim != 0 || type != null;
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
        ElementType dtype = type;
        if (queryHeads == 0 || kvHeads == 0 || headDim == 0 || dtype == null) {
            throw new IllegalArgumentException("missing " + String.join(", ", missing())
                    + ": say what the tensor columns hold, such as"
                    + " --query-heads 12 --kv-heads 12 --head-dim 64 --dtype fp16");
        }
        float factor = scale == null ? AttentionSpec.defaultScale(Math.max(1, headDim)) : scale;
        return new AttentionSpec(queryHeads, kvHeads, headDim, valueDim == 0 ? headDim : valueDim, dtype, mask, factor);
    }

    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (queryHeads == 0) {
            missing.add("--query-heads");
        }
        if (kvHeads == 0) {
            missing.add("--kv-heads");
        }
        if (headDim == 0) {
            missing.add("--head-dim");
        }
        if (type == null) {
            missing.add("--dtype");
        }
        return missing;
    }
}
