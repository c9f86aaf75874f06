package org.pagedattention.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pagedattention.columns.RowBatches.RowBatch;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.SequenceLengths;

class RowBatchesTest {
    private static final BatchLimits LIMITS = new BatchLimits(4, 1000, 1);

    @Test
    void keepsTheRowsAtTheEndApartWhosePagesWouldRunOver() {
        // behind row 3 there are 40 + 23 = 63 tokens, as many as its last page may run on
        assertThat(firstRows(100, 100, 100, 40, 23)).containsExactly(0, 3);
        // 62 are one too few
        assertThat(firstRows(100, 100, 100, 40, 22)).containsExactly(0, 2);
    }

    @Test
    void takesAllRowsOfASmallChunkForTheEnd() {
        assertThat(firstRows(10, 20, 5)).containsExactly(0);
    }

    @Test
    void fillsBatchesToTheirLimits() {
        assertThat(firstRows(10, 10, 10, 10, 10, 10, 10, 10, 64)).containsExactly(0, 4, 8);
        assertThat(firstRows(600, 300, 200, 900, 64)).containsExactly(0, 2, 3, 4);
    }

    @Test
    void letsARowAboveTheLimitGoAlone() {
        assertThat(firstRows(10, 5000, 10, 100)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void losesNoRow() {
        List<SequenceLengths> lengths =
                lengths(IntStream.range(0, 500).map(i -> i * 31 % 217).toArray());
        List<RowBatch> batches = RowBatches.of(lengths, LIMITS, 64);
        int next = 0;
        for (RowBatch batch : batches) {
            assertThat(batch.firstRow()).isEqualTo(next);
            next += batch.pages().sequences();
        }
        assertThat(next).isEqualTo(500);
        assertThat(RowBatches.of(List.of(), LIMITS, 64)).isEmpty();
    }

    @Test
    void refusesRowsThatTheRowPathRefuses() {
        TensorBuffer two = new TensorBuffer("q", 0, new int[] {0, 2}, 8);
        TensorBuffer three = new TensorBuffer("k", 0, new int[] {0, 3}, 8);
        TensorBuffer none = new TensorBuffer("k", 0, new int[] {0, 0}, 8);
        assertThatThrownBy(() -> RowBatches.lengths(two, three, two, 1))
                .isInstanceOf(BadChunkException.class)
                .hasMessageContaining("3 key tokens and 2 value tokens");
        assertThatThrownBy(() -> RowBatches.lengths(two, none, none, 1)).isInstanceOf(BadChunkException.class);
        assertThat(RowBatches.lengths(none, none, none, 1)).containsExactly(new SequenceLengths(0, 0));
    }

    @Test
    void slicesRowsWhereTheyLie() {
        TensorBuffer rows = new TensorBuffer("q", 1000, new int[] {0, 2, 5, 9}, 8).slice(1, 3);
        assertThat(rows.address()).isEqualTo(1016);
        assertThat(rows.starts()).containsExactly(0, 3, 7);
    }

    private static List<Integer> firstRows(int... tokens) {
        return RowBatches.of(lengths(tokens), LIMITS, 64).stream()
                .map(RowBatch::firstRow)
                .toList();
    }

    private static List<SequenceLengths> lengths(int... tokens) {
        return IntStream.of(tokens).mapToObj(t -> new SequenceLengths(t, t)).toList();
    }
}
