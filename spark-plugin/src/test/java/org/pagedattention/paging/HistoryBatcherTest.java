package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryBatcherTest {
    private static final int QUERY_BYTES = 16;
    private static final int KV_BYTES = 8;

    /** As many copies as histories, and a few more, once it is known how many queries they have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64, 512})
    void batchesEndWhereHistoriesEnd(int queries) {
        BatchLimits limits = new BatchLimits(100_000, 1 << 20, 1 << 20);
        HistoryBatcher batcher = new HistoryBatcher(limits, 100_000, PageLayout.PACKED, 64, QUERY_BYTES, KV_BYTES);
        assertThat(copies(batcher, 400, queries, 4096, 0, new Random(queries))).isBetween(400, 412);
    }

    /** Also where rows have keys of their own, whose room nobody knows before. */
    @ParameterizedTest
    @CsvSource({"1, PACKED", "8, PADDED", "64, PACKED", "64, PADDED"})
    void prefixesLieInOneBatchWithTheirRows(int queries, PageLayout layout) {
        BatchLimits limits = new BatchLimits(100_000, 1 << 20, 1 << 20);
        HistoryBatcher batcher = new HistoryBatcher(limits, 100_000, layout, 64, QUERY_BYTES, KV_BYTES);
        assertThat(copies(batcher, 400, queries, 4096, 200, new Random(queries)))
                .isBetween(400, 440);
    }

    /** A row that turned out to be bad leaves a batch that it was the measure of. */
    @Test
    void anEmptyBatchTakesNoRowThatIsLargerThanIt() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 10);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PACKED, 16, QUERY_BYTES, KV_BYTES);
        HistoryBatcher.Room room = batcher.open(new SequenceLengths(1, 16), 4);
        assertThat(room.takes(new SequenceLengths(1, 64), false, 0)).isTrue();
        assertThat(room.takes(new SequenceLengths(1, 65), false, 0)).isFalse();
        assertThat(room.takes(new SequenceLengths(1, 60), false, 5)).isFalse();
        assertThat(room.takes(new SequenceLengths(33, 1), false, 0)).isFalse();
    }

    @Test
    void numbersOfRowsDoNotCutHistoriesEither() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 20);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PACKED, 64, QUERY_BYTES, KV_BYTES);
        assertThat(copies(batcher, 300, 300, 50, 0, new Random(1))).isBetween(300, 310);
    }

    @Test
    void aHistoryLargerThanABatchHasRoomForManyRows() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 16);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PADDED, 16, QUERY_BYTES, KV_BYTES);
        HistoryBatcher.Room room = batcher.open(new SequenceLengths(1, 1_000_001), 0);
        assertThat(room.mostSlots()).isEqualTo(1_000_016);
        assertThat(room.mostQueryTokens()).isGreaterThanOrEqualTo((1 << 13) / QUERY_BYTES);
    }

    @Test
    void aHistoryLargerThanABatchHasRoomForWhatIsBehindIt() {
        BatchLimits limits = new BatchLimits(1000, 1 << 22, 1 << 16);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PACKED, 16, QUERY_BYTES, KV_BYTES);
        HistoryBatcher.Room room = batcher.open(new SequenceLengths(1, 1_000_000), 3);
        room.hold(1_000_000, false);
        int rows = 0;
        while (room.takes(new SequenceLengths(1, 1_000_000), true, 3)) {
            room.add(1, 3);
            rows++;
        }
        assertThat(rows).isGreaterThan(100);
    }

    @Test
    void aHistoryWithoutRowsLeavesNoRoomThatIsNotThere() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 10);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PACKED, 16, QUERY_BYTES, KV_BYTES);
        HistoryBatcher.Room room = batcher.open(new SequenceLengths(1, 64), 0);
        room.hold(64, false);
        assertThat(room.takes(new SequenceLengths(1, 64), false, 0)).isFalse();
        assertThat(room.takes(new SequenceLengths(1, 64), true, 0)).isTrue();
    }

    /** Puts rows into batches as they come; returns how often a history was put into one. */
    private static int copies(
            HistoryBatcher batcher, int histories, int queries, int mostTokens, int mostOwn, Random random) {
        int copies = 0;
        HistoryBatcher.Room room = null;
        for (int h = 0; h < histories; h++) {
            int tokens = mostTokens / 2 + random.nextInt(mostTokens / 2);
            boolean held = false;
            boolean again = false;
            for (int row = 0; row < queries; row++) {
                SequenceLengths lengths = new SequenceLengths(1 + random.nextInt(4), tokens);
                int own = batcher.slots(random.nextInt(1 + mostOwn));
                if (room == null || !room.takes(lengths, held, own)) {
                    room = batcher.open(lengths, own);
                    held = false;
                }
                if (!held) {
                    copies++;
                    room.hold(tokens, again);
                    held = true;
                    again = true;
                }
                assertThat(room.slotsTaken()).isLessThanOrEqualTo(room.mostSlots());
                room.add(lengths.queryTokens(), own);
                assertThat(room.slotsTaken()).isLessThanOrEqualTo(room.mostSlots());
                assertThat(room.queryTokensTaken()).isLessThanOrEqualTo(room.mostQueryTokens());
            }
        }
        return copies;
    }
}
