package org.pagedattention.jobs.options;

import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.QkvColumns;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is computed: shapes, mask, scale, and the columns that hold the tensors. */
public final class AttentionOptions {
    @Mixin
    public final ShapeOptions shape = new ShapeOptions();

    @Option(
            names = "--mask",
            defaultValue = "none",
            paramLabel = "MASK",
            description = "none, causal (query t sees keys 0..t) or causal-bottom-right (aligned at the last token, as"
                    + " in decoding) (default: none)")
    private String mask = "none";

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Keys that a query sees back from its diagonal, its own included; 0: all (default: 0). It"
                    + " bounds the view back alone: with --mask none a query still sees all later keys")
    private int window;

    @Option(names = "--scale", paramLabel = "X", description = "Factor on Q·K (default: 1/sqrt(head dim))")
    private @Nullable Double scale;

    @Option(
            names = "--compute-dtype",
            paramLabel = "TYPE",
            description = "Type that inputs are rounded to before computing: fp16, bf16 or fp32 (default: --dtype;"
                    + " bf16 for fp32 input on a GPU)")
    private @Nullable ElementType computeType;

    @Option(names = "--q", defaultValue = "q", paramLabel = "NAME", description = "Column of Q (default: q)")
    private String q = "q";

    @Option(names = "--k", defaultValue = "k", paramLabel = "NAME", description = "Column of K (default: k)")
    private String k = "k";

    @Option(names = "--v", defaultValue = "v", paramLabel = "NAME", description = "Column of V (default: v)")
    private String v = "v";

    public AttentionSpec spec() {
        return shape.spec(Mask.parse(mask, window), scale == null ? null : AttentionSpec.requireScale(scale));
    }

    /** The request that these options make, for column o. */
    public ScoringOptions.Builder request(PagedAttentionConf conf) {
        return ScoringOptions.builder(spec())
                .computeType(computeType)
                .columns(new QkvColumns(q, k, v))
                .conf(conf);
    }
}
