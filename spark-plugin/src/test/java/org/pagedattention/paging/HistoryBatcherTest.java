package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        assertThat(copies(batcher, 400, queries, 4096, new Random(queries))).isBetween(400, 412);
    }

    @Test
    void numbersOfRowsDoNotCutHistoriesEither() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 20);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PACKED, 64, QUERY_BYTES, KV_BYTES);
        assertThat(copies(batcher, 300, 300, 50, new Random(1))).isBetween(300, 310);
    }

    @Test
    void aHistoryLargerThanABatchHasRoomForManyRows() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 16);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PADDED, 16, QUERY_BYTES, KV_BYTES);
        HistoryBatcher.Room room = batcher.open(new SequenceLengths(1, 1_000_001));
        assertThat(room.mostSlots()).isEqualTo(1_000_016);
        assertThat(room.mostQueryTokens()).isGreaterThanOrEqualTo((1 << 13) / QUERY_BYTES);
    }

    @Test
    void aHistoryWithoutRowsLeavesNoRoomThatIsNotThere() {
        BatchLimits limits = new BatchLimits(1000, 1 << 20, 1 << 10);
        HistoryBatcher batcher = new HistoryBatcher(limits, 1000, PageLayout.PACKED, 16, QUERY_BYTES, KV_BYTES);
        HistoryBatcher.Room room = batcher.open(new SequenceLengths(1, 64));
        room.hold(64, false);
        assertThat(room.takes(new SequenceLengths(1, 64), false)).isFalse();
        assertThat(room.takes(new SequenceLengths(1, 64), true)).isTrue();
    }

    /** Puts rows into batches as they come; returns how often a history was put into one. */
    private static int copies(HistoryBatcher batcher, int histories, int queries, int mostTokens, Random random) {
        int copies = 0;
        HistoryBatcher.Room room = null;
        for (int h = 0; h < histories; h++) {
            int tokens = mostTokens / 2 + random.nextInt(mostTokens / 2);
            boolean held = false;
            boolean again = false;
            for (int row = 0; row < queries; row++) {
                SequenceLengths lengths = new SequenceLengths(1 + random.nextInt(4), tokens);
                if (room == null || !room.takes(lengths, held)) {
                    room = batcher.open(lengths);
                    held = false;
                }
                if (!held) {
                    copies++;
                    room.hold(tokens, again);
                    held = true;
                    again = true;
                }
                assertThat(room.slotsTaken()).isLessThanOrEqualTo(room.mostSlots());
                room.add(lengths.queryTokens());
                assertThat(room.queryTokensTaken()).isLessThanOrEqualTo(room.mostQueryTokens());
            }
        }
        return copies;
    }
}
