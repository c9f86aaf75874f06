package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.tensor.ElementType;

class HeadDimsTest {
    @ParameterizedTest
    @CsvSource({"1,1,8,8", "8,8,8,8", "36,64,40,64", "64,64,64,64", "100,3,104,8", "256,255,256,256"})
    void padsToEights(int head, int value, int paddedHead, int paddedValue) {
        assertThat(HeadDims.candidates(spec(head, value)).get(0)).isEqualTo(new HeadDims(paddedHead, paddedValue));
    }

    @Test
    void fallsBackToCommonSizes() {
        assertThat(HeadDims.candidates(spec(72, 8)))
                .containsExactly(new HeadDims(72, 8), new HeadDims(128, 16), new HeadDims(128, 128));
        assertThat(HeadDims.candidates(spec(64, 64))).containsExactly(new HeadDims(64, 64));
    }

    @Test
    void refusesWhatNoKernelHolds() {
        assertThatThrownBy(() -> HeadDims.candidates(spec(64, 257)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("head dim 64, value dim 257")
                .hasMessageContaining("at most 256")
                .hasMessageContaining("spark.pagedAttention.backend to cpu");
    }

    private static AttentionSpec spec(int head, int value) {
        return new AttentionSpec(2, 1, head, value, ElementType.FP16, Mask.none(), 1);
    }
}
