package org.pagedattention.jobs.options;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.tensor.ElementType;
import picocli.CommandLine.Option;

/** Heads, dims and element type of the tensor columns. */
public final class ShapeOptions {
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

    /** The shapes, without a mask and with the usual scale. */
    public AttentionSpec spec() {
        return spec(Mask.none(), null);
    }

    /**
     * The shapes with a mask.
     *
     * @param scale null for 1/√headDim
     */
    public AttentionSpec spec(Mask mask, @Nullable Float scale) {
        Required.check(this::require);
        int keys = requireNonNull(headDim);
        int values = valueDim == null ? keys : valueDim;
        float factor = scale == null ? AttentionSpec.defaultScale(Math.max(1, keys)) : scale;
        return new AttentionSpec(
                requireNonNull(queryHeads), requireNonNull(kvHeads), keys, values, requireNonNull(type), mask, factor);
    }

    public void require(Required required) {
        required.need("--query-heads", queryHeads != null);
        required.need("--kv-heads", kvHeads != null);
        required.need("--head-dim", headDim != null);
        required.need("--dtype", type != null);
    }
}
