package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pagedattention.scoring.HistoryOptions.options;
import static org.pagedattention.scoring.HistoryOptions.spec;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.tensor.ElementType;

class HistorySharingTest {
    private static final AttentionSpec SPEC = spec(4, 2, ElementType.FP32, Mask.none());

    @Test
    void saysHowAndWhy() {
        assertThat(Histories.sharing(options(SPEC, Map.of())))
                .isEqualTo("all queries of a history are one sequence (without a mask every query sees every key)");
        assertThat(Histories.sharing(options(SPEC, Map.of("spark.pagedAttention.gpu.deterministic", "true"))))
                .contains("page table names", "deterministic");
        assertThat(Histories.sharing(options(spec(1, 1, ElementType.FP16, Mask.causal()), Map.of())))
                .contains("page table names", "mask");
        assertThat(Histories.sharing(
                        options(spec(1, 1, ElementType.FP16, Mask.none().withWindow(3)), Map.of())))
                .contains("page table names", "window");
    }
}
