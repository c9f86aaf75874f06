package org.pagedattention.jobs.lengths;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LengthStatisticsTest {

    @Test
    void countsSlotsOfEachWayToStoreTokens() {
        LengthStatistics statistics = LengthStatistics.of(List.of(new int[] {1, 16, 17}, new int[] {0, 40}), 16);
        assertThat(statistics.tokens()).isEqualTo(74);
        assertThat(statistics.paddedPages()).isEqualTo(16 + 16 + 32 + 0 + 48);
        assertThat(statistics.batchRectangles()).isEqualTo(3 * 17 + 2 * 40);
        assertThat(statistics.packed()).isEqualTo(74 + 15);
        assertThat(statistics.quantile(0)).isZero();
        assertThat(statistics.quantile(0.5)).isEqualTo(16);
        assertThat(statistics.quantile(1)).isEqualTo(40);
    }

    @Test
    void rectanglesEndWithTheirBatch() {
        int[] lengths = new int[LengthStatistics.BATCH + 1];
        Arrays.fill(lengths, 2);
        lengths[LengthStatistics.BATCH] = 100;
        assertThat(LengthStatistics.of(List.of(lengths), 16).batchRectangles())
                .isEqualTo(2L * LengthStatistics.BATCH + 100);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "6,1", "7,2", "30,5", "35,10", "4096,1000", "2147483647,500000000"})
    void ticksAreRoundNumbersApart(long longest, long step) {
        assertThat(LengthsPicture.step(longest)).isEqualTo(step);
    }

    @Test
    void oneSequenceIsNoneTooMany() {
        String picture = LengthsPicture.draw(LengthStatistics.of(List.of(new int[] {1}), 64));
        assertThat(picture).contains(">1 sequence, 1 token<").doesNotContain("1 sequences");
    }

    @Test
    void anEmptyTableHasAPictureToo() {
        LengthStatistics statistics = LengthStatistics.of(List.of(), 64);
        assertThat(statistics.table().toString()).contains("sequences");
        assertThat(LengthsPicture.draw(statistics)).startsWith("<svg").doesNotContain("NaN", "Infinity");
    }
}
