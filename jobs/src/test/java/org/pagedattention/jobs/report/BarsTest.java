package org.pagedattention.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.executor.Histogram;
import org.pagedattention.jobs.report.Bars.Bar;

class BarsTest {

    @Test
    void giveShortValuesBarsOfTheirOwn() {
        Histogram values = new Histogram();
        List.of(1, 1, 3).forEach(value -> values.add(value));
        assertThat(Bars.of(values)).containsExactly(new Bar("0", 0), new Bar("1", 2), new Bar("2", 0), new Bar("3", 1));
        assertThat(Bars.of(new Histogram())).isEmpty();
    }

    @Test
    void putWhatLiesFarOutsideIntoOne() {
        Histogram values = new Histogram();
        for (int i = 0; i < 1000; i++) {
            values.add(i % 50);
        }
        values.add(100_000);
        List<Bar> bars = Bars.of(values);
        assertThat(bars).hasSize(26).startsWith(new Bar("0–1", 40)).endsWith(new Bar("≥ 50", 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 30, 31, 500, 10_000, 1_000_000, 1L << 40})
    void areFewAndHoldEverything(long most) {
        Histogram values = new Histogram();
        Random random = new Random(most);
        for (int i = 0; i < 5000; i++) {
            values.add(random.nextLong(most));
        }
        List<Bar> bars = Bars.of(values);
        assertThat(bars).hasSizeBetween(1, 32);
        assertThat(bars.stream().mapToLong(Bar::count).sum()).isEqualTo(5000);
    }

    @Test
    void showMillisecondsAsSeconds() {
        Histogram millis = new Histogram();
        millis.add(20);
        millis.add(2944);
        assertThat(Bars.seconds(millis)).startsWith(new Bar("0.0–0.1", 1)).endsWith(new Bar("2.9–3.0", 1));
    }
}
