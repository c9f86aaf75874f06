package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

class WarmUpTest {
    private final List<AttentionSpec> warmed = new ArrayList<>();
    private final List<PagedBatch> batches = new ArrayList<>();
    private final List<Boolean> withLse = new ArrayList<>();

    @Test
    void makesReadyWhatIsConfiguredAndCanBeComputed() {
        WarmUp.run(new HalfOnly(), conf("32x8x128:bf16:causal, 12x12x64:fp32:none,4x4x64:fp16:none"));
        assertThat(warmed)
                .extracting(AttentionSpec::type)
                .containsExactly(ElementType.BF16, ElementType.BF16, ElementType.FP16, ElementType.FP16);
        assertThat(warmed.get(0).queryHeads()).isEqualTo(32);
        assertThat(warmed.get(0).kvHeads()).isEqualTo(8);
        assertThat(warmed.get(0).valueDim()).isEqualTo(128);
        // 64 MiB hold 3276 tokens of 20 KiB, and 32768 of 2 KiB
        assertThat(batches).extracting(PagedBatch::sequences).containsExactly(6, 6, 64, 64);
        assertThat(withLse).containsExactly(false, true, false, true);
    }

    @Test
    void doesNothingByDefault() {
        WarmUp.run(new HalfOnly(), PagedAttentionConf.defaults());
        assertThat(warmed).isEmpty();
    }

    private static PagedAttentionConf conf(String warmUp) {
        return PagedAttentionConf.parse(Map.of("spark.pagedAttention.warmUp", warmUp));
    }

    /** Counts instead of computing. */
    private final class HalfOnly implements AttentionBackend {
        @Override
        public String name() {
            return "cudnn";
        }

        @Override
        public boolean supports(ElementType type) {
            return type != ElementType.FP32;
        }

        @Override
        public int scoreExponent() {
            throw new UnsupportedOperationException();
        }

        @Override
        public BatchInputs inputs(AttentionSpec spec, int queryTokens, int containerTokens) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void warmUp(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
            withLse.add(wantLse);
            warmed.add(spec);
            batches.add(pages);
        }

        @Override
        public void close() {}
    }
}
