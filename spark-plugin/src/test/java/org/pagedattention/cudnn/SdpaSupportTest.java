package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.library.CudnnVersion;
import org.pagedattention.tensor.ElementType;

class SdpaSupportTest {
    @Test
    void refusesLongWindowsWithoutABandWhereTheyAreWrong() {
        SdpaShape broken = shape(128, 4096, Mask.Band.NONE, true);
        assertThat(support(91400).refusal(broken))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("9.14.0", "1024 keys", "option mask", "spark.pagedAttention.backend to cpu"));
        assertThat(support(90900).refusal(broken)).isPresent();
        assertThat(support(91401).refusal(broken)).isEmpty();
        assertThat(support(91400).refusal(shape(128, 1024, Mask.Band.NONE, true)))
                .isEmpty();
        assertThat(support(91400).refusal(shape(128, 4096, Mask.Band.CAUSAL, true)))
                .isEmpty();
        assertThat(support(91400).refusal(shape(128, 4096, Mask.Band.NONE, false)))
                .isEmpty();
    }

    @Test
    void refusesWindowsThatCountAhead() {
        assertThatThrownBy(() -> SdpaSupport.requireKnown(Mask.around(8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("counts ahead", "ModernBERT", "spark.pagedAttention.backend to cpu");
        SdpaSupport.requireKnown(Mask.none().withWindow(8));
    }

    @Test
    void refusesLargeHeadsWhereTheyAreNotSupported() {
        SdpaShape large = shape(192, 1024, Mask.Band.CAUSAL, false);
        assertThat(support(90900).refusal(large))
                .hasValueSatisfying(text -> assertThat(text).contains("at most 128"));
        assertThat(support(91002).refusal(large)).isEmpty();
    }

    @Test
    void masksWithInfinityWhereItIsTaken() {
        assertThat(support(91002).maskedScore()).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(support(90900).maskedScore()).isEqualTo(-Float.MAX_VALUE);
    }

    private static SdpaSupport support(long number) {
        return new SdpaSupport(CudnnVersion.of(number));
    }

    private static SdpaShape shape(int headDim, int maxKv, Mask.Band band, boolean windowed) {
        PageShape pages = new PageShape(64, 64, 100);
        return new SdpaShape(
                ElementType.FP16,
                4,
                2,
                2,
                headDim,
                64,
                256,
                maxKv,
                pages,
                band,
                windowed,
                true,
                false,
                false,
                true,
                false,
                null);
    }
}
