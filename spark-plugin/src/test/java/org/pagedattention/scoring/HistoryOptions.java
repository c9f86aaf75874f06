package org.pagedattention.scoring;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.Pooling;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/** What tests of histories ask for. */
final class HistoryOptions {
    private HistoryOptions() {}

    static AttentionSpec spec(int queryHeads, int kvHeads, ElementType type, Mask mask) {
        return new AttentionSpec(queryHeads, kvHeads, 8, 8, type, mask, AttentionSpec.defaultScale(8));
    }

    static ScoringOptions options(AttentionSpec spec, Map<String, String> settings) {
        return ScoringOptions.builder(spec)
                .conf(PagedAttentionConf.parse(settings))
                .build();
    }

    static ScoringOptions all(AttentionSpec spec, Map<String, String> settings) {
        float[] weights = new float[spec.outputElements()];
        Arrays.fill(weights, 0.5f);
        return ScoringOptions.builder(spec)
                .emit(EnumSet.allOf(Emit.class))
                .pooling(Pooling.MEAN)
                .head(new LinearHead(weights, 0.25, LinearHead.Activation.NONE))
                .conf(PagedAttentionConf.parse(settings))
                .build();
    }
}
