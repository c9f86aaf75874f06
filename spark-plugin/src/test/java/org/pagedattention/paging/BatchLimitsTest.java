package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchLimitsTest {
    private static final BatchLimits LIMITS = new BatchLimits(4, 1000, 32_000);

    @Test
    void allowsWhatIsWithinBothNumbers() {
        assertThat(LIMITS.allows(4, 1000)).isTrue();
        assertThat(LIMITS.allows(5, 10)).isFalse();
        assertThat(LIMITS.allows(2, 1001)).isFalse();
        assertThat(LIMITS.allows(1, 5000)).as("one goes alone").isTrue();
    }

    @Test
    void saysHowManyAlikeAreAFullBatch() {
        assertThat(LIMITS.sequences(100, 1)).as("sequences").isEqualTo(4);
        assertThat(LIMITS.sequences(300, 1)).as("tokens").isEqualTo(3);
        assertThat(LIMITS.sequences(300, 64)).as("bytes").isEqualTo(1);
        assertThat(LIMITS.sequences(5000, 64)).isEqualTo(1);
    }
}
