package org.pagedattention.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pagedattention.tensor.ElementType;

class AttentionSpecTest {

    @Test
    void refusesHeadsThatDoNotShareEvenly() {
        assertThatThrownBy(() -> spec(6, 4, 64, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("query heads 6 is not a multiple of KV heads 4")
                .hasMessageContaining("option queryHeads");
    }

    @Test
    void refusesSizesThatCannotBe() {
        assertThatThrownBy(() -> spec(0, 1, 64, 1)).hasMessageContaining("query heads 0");
        assertThatThrownBy(() -> spec(1, 0, 64, 1)).hasMessageContaining("KV heads 0");
        assertThatThrownBy(() -> spec(1, 1, -1, 1)).hasMessageContaining("option headDim");
        assertThatThrownBy(() -> spec(1, 1, 64, Float.NaN)).hasMessageContaining("option scale");
    }

    @Test
    void refusesScalesThatFp32CannotHold() {
        for (double scale : new double[] {1e-50, -1e-46, 1e-40, 1e39, -1e300, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> AttentionSpec.requireScale(scale))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("scale " + scale + " is beyond")
                    .hasMessageContaining("option scale")
                    .hasMessageContaining("magnitude 1.17549435E-38 to 8.507059E37");
        }
        assertThat(AttentionSpec.requireScale(-0.125)).isEqualTo(-0.125f);
        assertThat(AttentionSpec.requireScale(0)).isZero();
        assertThatThrownBy(() -> spec(1, 1, 64, Float.MIN_VALUE)).hasMessageContaining("option scale");
    }

    @Test
    void inputsBelowItsExponentBoundTheirScores() {
        for (float scale : new float[] {0, 1e-30f, 0.088f, 1, -50, 1e30f}) {
            for (int headDim : new int[] {1, 64, 100, 16384}) {
                for (int scoreExponent : new int[] {26, 126}) {
                    AttentionSpec spec = spec(1, 1, headDim, scale);
                    double limit = Math.scalb(1.0, spec.inputExponent(scoreExponent));
                    double below = limit * (1 - 0x1p-20);
                    assertThat(spec.boundsScores(below, below, scoreExponent)).isTrue();
                    assertThat(spec.boundsScores(2 * limit, 2 * limit, scoreExponent))
                            .isFalse();
                    assertThat(spec.boundsScores(Double.NaN, 1, scoreExponent)).isFalse();
                }
            }
        }
    }

    private static AttentionSpec spec(int queryHeads, int kvHeads, int headDim, float scale) {
        return new AttentionSpec(queryHeads, kvHeads, headDim, 64, ElementType.FP16, Mask.none(), scale);
    }
}
