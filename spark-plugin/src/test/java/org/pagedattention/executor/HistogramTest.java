package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 7, 1023, 1024, 1025, 2047, 2048, 4099, 131072, 131072 + 1025, Integer.MAX_VALUE})
    void knowsEachValueToAFewPerCent(long value) {
        long bucket = Histogram.bucket(value);
        assertThat(bucket).isLessThanOrEqualTo(value);
        assertThat((double) bucket).isCloseTo(value, Percentage.withPercentage(value <= 1024 ? 0 : 1.6));
        assertThat(Histogram.bucket(bucket)).isEqualTo(bucket);
    }

    @Test
    void addsUpAndStaysSmall() {
        Histogram all = new Histogram();
        Histogram half = new Histogram();
        Random random = new Random(1);
        long sum = 0;
        long largest = 0;
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong(1L << random.nextInt(40));
            (i % 2 == 0 ? all : half).add(value);
            sum += value;
            largest = Math.max(largest, value);
        }
        all.add(half);
        assertThat(all.count()).isEqualTo(100_000);
        assertThat(all.sum()).isEqualTo(sum);
        assertThat(all.largest()).isEqualTo(largest);
        assertThat(all.counts()).hasSizeLessThan(1024 + 64 * 40);
        assertThat(all.counts().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(100_000);
    }

    @Test
    void knowsShares() {
        Histogram lengths = new Histogram();
        assertThat(lengths.quantile(0.5)).isZero();
        for (int i = 1; i <= 100; i++) {
            lengths.add(i);
        }
        assertThat(lengths.quantile(0)).isEqualTo(1);
        assertThat(lengths.quantile(0.5)).isEqualTo(50);
        assertThat(lengths.quantile(0.95)).isEqualTo(95);
        assertThat(lengths.quantile(1)).isEqualTo(100);
    }
}
