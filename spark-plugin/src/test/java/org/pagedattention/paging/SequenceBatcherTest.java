package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceBatcherTest {
    private static final BatchLimits WIDE = new BatchLimits(1000, 1_000_000, Long.MAX_VALUE);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everySequenceIsInOneBatchWithinTheLimits(long seed) {
        Random random = new Random(seed);
        List<SequenceLengths> window = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int length = (int) Math.exp(random.nextDouble() * 9) - 1;
            window.add(new SequenceLengths(random.nextBoolean() ? length : 1, length));
        }
        BatchLimits limits = new BatchLimits(1 + random.nextInt(50), 1 + random.nextInt(20_000), 400_000);
        SequenceBatcher batcher = new SequenceBatcher(limits, 8, 16);
        List<List<Integer>> batches = batcher.batches(window);
        assertThat(batches.stream().flatMap(List::stream).sorted())
                .containsExactlyElementsOf(IntStream.range(0, 500).boxed().toList());
        for (List<Integer> batch : batches) {
            assertThat(batch).isSorted().isNotEmpty();
            if (batch.size() > 1) {
                assertThat(batch).hasSizeLessThanOrEqualTo(limits.maxSequences());
                assertThat(batch.stream().mapToLong(i -> window.get(i).tokens()).sum())
                        .isLessThanOrEqualTo(limits.maxTokens());
                assertThat(batch.stream()
                                .mapToLong(i -> batcher.bytes(window.get(i)))
                                .sum())
                        .isLessThanOrEqualTo(limits.maxBytes());
            }
        }
    }

    @Test
    void likeLengthsGoTogether() {
        List<List<Integer>> batches = new SequenceBatcher(WIDE, 1, 1).batches(lengths(100, 3000, 120, 65, 2500, 128));
        assertThat(batches).containsExactly(List.of(0, 2, 3, 5), List.of(1, 4));
    }

    @Test
    void aGiantGoesAloneAndStopsNobody() {
        BatchLimits limits = new BatchLimits(10, 100, Long.MAX_VALUE);
        assertThat(new SequenceBatcher(limits, 1, 1).batches(lengths(50, 5000, 40, 5000)))
                .containsExactly(List.of(0, 2), List.of(1), List.of(3));
    }

    @Test
    void emptySequencesCountToo() {
        BatchLimits limits = new BatchLimits(2, 100, 100);
        assertThat(new SequenceBatcher(limits, 1, 1).batches(lengths(0, 0, 0, 1)))
                .containsExactly(List.of(0, 1), List.of(2, 3));
    }

    @Test
    void countsBytesOfAllTensors() {
        assertThat(new SequenceBatcher(WIDE, 10, 100).bytes(new SequenceLengths(3, 7)))
                .isEqualTo(730);
    }

    @Test
    void noRowsNoBatches() {
        assertThat(new SequenceBatcher(WIDE, 1, 1).batches(List.of())).isEmpty();
    }

    @Test
    void refusesLimitsThatLetNothingThrough() {
        assertThatThrownBy(() -> new BatchLimits(0, 1, 1)).hasMessageContaining("batch.maxSequences is 0");
        assertThatThrownBy(() -> new BatchLimits(1, -5, 1)).hasMessageContaining("batch.maxTokens is -5");
        assertThatThrownBy(() -> new BatchLimits(1, 1, 0)).hasMessageContaining("batch.maxBytes is 0");
    }

    private static List<SequenceLengths> lengths(int... tokens) {
        return IntStream.of(tokens).mapToObj(t -> new SequenceLengths(t, t)).toList();
    }
}
