package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pagedattention.scoring.HistoryOptions.options;
import static org.pagedattention.scoring.HistoryOptions.spec;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

class HistorySharingTest {
    private static final AttentionSpec SPEC = spec(4, 2, ElementType.FP32, Mask.none());

    @Test
    void saysHowAndWhy() {
        assertThat(sharing(options(SPEC, Map.of())))
                .isEqualTo("all queries of a history are one sequence (without a mask every query sees every key)");
        assertThat(sharing(options(SPEC, Map.of("spark.pagedAttention.gpu.deterministic", "true"))))
                .contains("page table names", "deterministic");
        assertThat(sharing(options(spec(1, 1, ElementType.FP16, Mask.causal()), Map.of())))
                .contains("page table names", "mask");
        assertThat(sharing(options(spec(1, 1, ElementType.FP16, Mask.none().withWindow(3)), Map.of())))
                .contains("page table names", "window");
    }

    @Test
    void saysWhatIsDoneWithPrefixes() {
        Histories prefixes = new PrefixTables(SPEC, 1).prefixes();
        assertThat(prefixes.sharing(options(SPEC, Map.of())))
                .startsWith("on a GPU all queries of a prefix attend to it as one sequence")
                .contains("without a mask", "on the CPU each row's page table names the full pages of its prefix");
        assertThat(prefixes.sharing(options(spec(1, 1, ElementType.FP16, Mask.causal()), Map.of())))
                .isEqualTo(
                        "each row's page table names the full pages of its prefix (by its mask a row sees keys by its"
                                + " own length)");
        ScoringOptions plain = options(SPEC, Map.of());
        assertThat(HistorySharing.ofPrefixes(plain, true)).isEqualTo(HistorySharing.MERGED);
        assertThat(HistorySharing.ofPrefixes(plain, false)).isEqualTo(HistorySharing.SHARED_PAGES);
    }

    private static String sharing(ScoringOptions options) {
        return new HistoryTables(SPEC, 1).histories().sharing(options);
    }
}
