package org.pagedattention.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.executor.Histogram;

class PaddingTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 32, 33, 64, 1000})
    void comesToWhatPaddedBatchesHold(int rows) {
        Random random = new Random(rows);
        List<Integer> lengths = new ArrayList<>();
        Histogram histogram = new Histogram();
        for (int i = 0; i < rows; i++) {
            int length = 1 + (int) Math.min(1000, Math.exp(2 + 1.3 * random.nextGaussian()));
            lengths.add(length);
            histogram.add(length);
        }
        Padding padding = Padding.of(histogram);
        Collections.sort(lengths);
        assertThat(padding.sorted()).isEqualTo(padded(lengths));
        assertThat(padding.longest()).isEqualTo((double) rows * lengths.get(rows - 1));
        // whole batches alone: the last one of a table may be smaller
        if (rows % 32 == 0 || rows < 32) {
            double mean = 0;
            for (int i = 0; i < 2000; i++) {
                Collections.shuffle(lengths, random);
                mean += padded(lengths) / 2000;
            }
            assertThat(padding.random()).isCloseTo(mean, Percentage.withPercentage(2));
        }
        assertThat(padding.random()).isBetween(padding.sorted() - 1e-6, padding.longest() + 1e-6);
    }

    @Test
    void saysNothingOfNothing() {
        assertThat(Padding.of(new Histogram())).isEqualTo(new Padding(0, 0, 0));
    }

    @Test
    void findsNoWasteWhereAllAreAlike() {
        Histogram same = new Histogram();
        for (int i = 0; i < 100; i++) {
            same.add(7);
        }
        assertThat(Padding.of(same).random()).isCloseTo(700, within(1e-6));
        assertThat(Padding.of(same).sorted()).isEqualTo(700);
    }

    private static double padded(List<Integer> lengths) {
        double tokens = 0;
        for (int from = 0; from < lengths.size(); from += Padding.BATCH) {
            List<Integer> batch = lengths.subList(from, Math.min(lengths.size(), from + Padding.BATCH));
            tokens += (double) batch.size() * Collections.max(batch);
        }
        return tokens;
    }
}
