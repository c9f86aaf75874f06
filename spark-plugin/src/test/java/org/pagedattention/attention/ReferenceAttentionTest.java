package org.pagedattention.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.pagedattention.tensor.ElementType;

/** The judge is judged by hand-made cases. */
class ReferenceAttentionTest {
    private static final double LN3 = Math.log(3);

    @Test
    void weighsValuesByExponentsOfScores() {
        AttentionSpec spec = new AttentionSpec(1, 1, 1, 2, ElementType.FP32, Mask.none(), 0.5f);
        // scores 0 and ln 3: weights 1/4 and 3/4
        float[] k = {0, (float) (2 * LN3)};
        ReferenceAttention.Result result =
                ReferenceAttention.attend(spec, new float[] {1}, k, new float[] {4, 0, 0, 8});
        assertThat(result.o()).containsExactly(new double[] {1, 6}, within(1e-6));
        assertThat(result.lse()[0]).isCloseTo(Math.log(4), within(1e-6));
    }

    @Test
    void eachGroupOfQueryHeadsHasItsKvHead() {
        AttentionSpec spec = new AttentionSpec(4, 2, 1, 1, ElementType.FP32, Mask.none(), 1);
        ReferenceAttention.Result result =
                ReferenceAttention.attend(spec, new float[] {1, 2, 3, 4}, new float[] {1, 1}, new float[] {5, 7});
        assertThat(result.o()).containsExactly(5, 5, 7, 7);
    }

    @Test
    void aQueryThatSeesNoKeyGivesZeros() {
        AttentionSpec spec = new AttentionSpec(1, 1, 1, 1, ElementType.FP32, Mask.causalBottomRight(), 1);
        ReferenceAttention.Result result =
                ReferenceAttention.attend(spec, new float[] {1, 1}, new float[] {1}, new float[] {9});
        assertThat(result.o()).containsExactly(0, 9);
        assertThat(result.lse()).containsExactly(Double.NEGATIVE_INFINITY, 1);
    }

    @Test
    void weighsKeysOfHugeScoresAlike() {
        AttentionSpec spec = new AttentionSpec(1, 1, 1, 1, ElementType.FP32, Mask.none(), 1);
        for (float k : new float[] {1e25f, -1e25f}) {
            ReferenceAttention.Result result =
                    ReferenceAttention.attend(spec, new float[] {1e25f}, new float[] {k, k}, new float[] {1, 3});
            assertThat(result.o()).containsExactly(2);
            assertThat(result.lse()[0]).isCloseTo(1e25 * k, within(1e44));
        }
    }

    @Test
    void hiddenKeysHaveNoPartEvenWhenTheyAreNan() {
        AttentionSpec spec = new AttentionSpec(1, 1, 1, 1, ElementType.FP32, Mask.causal(), 1);
        ReferenceAttention.Result result = ReferenceAttention.attend(
                spec, new float[] {1, 1}, new float[] {1, Float.NaN}, new float[] {9, Float.NaN});
        assertThat(result.o()[0]).isEqualTo(9);
        assertThat(result.o()[1]).isNaN();
    }
}
