package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeClassTest {
    @ParameterizedTest
    @CsvSource({"0,4096", "1,4096", "4096,4096", "4097,5120", "5121,6144", "8192,8192", "8193,10240"})
    void roundsUpInQuarters(long bytes, long size) {
        assertThat(SizeClass.of(bytes)).isEqualTo(size);
    }

    @ParameterizedTest
    @ValueSource(longs = {5000, 100_000, 1 << 20, (1 << 20) + 1, 1L << 30, (1L << 31) + 5, 140L << 30})
    void wastesAtMostAQuarterAndNeverMuch(long bytes) {
        assertThat(SizeClass.of(bytes)).isBetween(bytes, Math.min(bytes + bytes / 4, bytes + (64L << 20)));
    }

    @Test
    void staysWithinWhatABufferHolds() {
        assertThat(SizeClass.of(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(SizeClass.of(Integer.MAX_VALUE - 100)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void isItsOwnClass() {
        for (long bytes = 1; bytes < 1L << 34; bytes = bytes * 5 / 4 + 1) {
            long size = SizeClass.of(bytes);
            assertThat(SizeClass.of(size)).isEqualTo(size);
        }
    }
}
