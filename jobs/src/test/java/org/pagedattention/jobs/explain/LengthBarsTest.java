package org.pagedattention.jobs.explain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.executor.Histogram;

class LengthBarsTest {

    @Test
    void areAsHighAsLengthsAreFrequent() {
        Histogram lengths = new Histogram();
        for (int i = 0; i < 80; i++) {
            lengths.add(i < 64 ? 1 : i < 79 ? 2 : 4);
        }
        assertThat(LengthBars.of(lengths)).isEqualTo("1|█▁·▁|4");
        assertThat(LengthBars.of(new Histogram())).isEqualTo("1|·|0");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 39, 40, 41, 8192, 1_000_000})
    void fitALine(int longest) {
        Histogram lengths = new Histogram();
        for (int length = 1; length <= longest; length += Math.max(1, longest / 500)) {
            lengths.add(length);
        }
        lengths.add(longest);
        assertThat(LengthBars.of(lengths))
                .hasSizeBetween(4, 60)
                .startsWith("1|")
                .endsWith("|" + longest);
    }
}
