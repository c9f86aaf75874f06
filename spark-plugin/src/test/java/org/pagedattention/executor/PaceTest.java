package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
    private static final long START = 1_800_000_000_000L;

    @Test
    void spreadsWorkOverItsTime() {
        Pace pace = new Pace();
        pace.add(START, START + 1000, 80);
        assertThat(pace.step()).isEqualTo(125);
        assertThat(pace.done()).hasSize(8).containsEntry(START, 10.0).containsEntry(START + 875, 10.0);
    }

    @Test
    void countsWorkThatTookNoTime() {
        Pace pace = new Pace();
        pace.add(START + 60, START + 60, 7);
        pace.add(START + 60, START + 50, 5);
        assertThat(total(pace)).isCloseTo(12, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 999, 60_000, 3_600_000, 40 * 3_600_000L})
    void staysSmallHoweverLongItTakes(long length) {
        Pace pace = new Pace();
        for (int i = 0; i < 1000; i++) {
            pace.add(START + i * length / 1000, START + (i + 1) * length / 1000, 3);
        }
        assertThat(pace.done()).hasSizeLessThanOrEqualTo(512);
        assertThat(total(pace)).isCloseTo(3000, within(1e-6));
        assertThat(pace.done().lastKey()).isLessThanOrEqualTo(START + length);
    }

    @Test
    void addsUpThoseOfOtherSteps() {
        Pace fine = new Pace();
        fine.add(START, START + 1000, 10);
        Pace coarse = new Pace();
        coarse.add(START, START + 3_600_000, 20);
        coarse.add(fine);
        assertThat(total(coarse)).isCloseTo(30, within(1e-6));
        fine.add(coarse);
        assertThat(fine.step()).isEqualTo(coarse.step());
        assertThat(total(fine)).isCloseTo(40, within(1e-6));
    }

    private static double total(Pace pace) {
        return pace.done().values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
