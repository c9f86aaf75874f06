package org.pagedattention.attention;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pagedattention.tensor.ElementType;

class AttentionSpecTest {

    @Test
    void refusesHeadsThatDoNotShareEvenly() {
        assertThatThrownBy(() -> spec(6, 4, 64, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("query heads 6 is not a multiple of KV heads 4")
                .hasMessageContaining("--query-heads");
    }

    @Test
    void refusesSizesThatCannotBe() {
        assertThatThrownBy(() -> spec(0, 1, 64, 1)).hasMessageContaining("query heads 0");
        assertThatThrownBy(() -> spec(1, 0, 64, 1)).hasMessageContaining("KV heads 0");
        assertThatThrownBy(() -> spec(1, 1, -1, 1)).hasMessageContaining("--head-dim");
        assertThatThrownBy(() -> spec(1, 1, 64, Float.NaN)).hasMessageContaining("--scale");
    }

    private static AttentionSpec spec(int queryHeads, int kvHeads, int headDim, float scale) {
        return new AttentionSpec(queryHeads, kvHeads, headDim, 64, ElementType.FP16, Mask.none(), scale);
    }
}
