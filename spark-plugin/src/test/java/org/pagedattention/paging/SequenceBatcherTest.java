package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceBatcherTest {
    private static final BatchLimits WIDE = new BatchLimits(1000, 1_000_000, 6000);

    @Test
    void fillsABatchUpToItsBytes() {
        assertThat(sizes(batcher(WIDE), self(100), 12)).containsExactly(10, 2);
    }

    @Test
    void fillsABatchUpToItsSequencesAndItsTokens() {
        assertThat(sizes(batcher(new BatchLimits(4, 1_000_000, 6000)), self(100), 12))
                .containsExactly(4, 4, 4);
        assertThat(sizes(batcher(new BatchLimits(1000, 599, 6000)), self(100), 12))
                .containsExactly(5, 5, 2);
    }

    @Test
    void sharesTheBytesAsSequencesAreLong() {
        SequenceBatcher.Room room = batcher(WIDE).open(new SequenceLengths(1, 999));
        assertThat(room.mostQueryTokens()).isLessThan(10);
        assertThat(room.mostSlots()).isBetween(1480, 1500);
    }

    @Test
    void learnsHowLongSequencesAre() {
        SequenceBatcher batcher = batcher(WIDE);
        SequenceBatcher.Room first = batcher.open(new SequenceLengths(1, 299));
        first.add(new SequenceLengths(1, 299));
        assertThat(first.takes(new SequenceLengths(299, 1))).isFalse();
        SequenceBatcher.Room second = batcher.open(new SequenceLengths(299, 1));
        assertThat(second.mostQueryTokens()).isBetween(980, 1000);
        assertThat(second.mostSlots()).isBetween(980, 1010);
    }

    @Test
    void aGiantGoesAlone() {
        SequenceBatcher batcher = batcher(WIDE);
        SequenceBatcher.Room room = batcher.open(self(50));
        room.add(self(50));
        assertThat(room.takes(self(5000))).isFalse();
        SequenceBatcher.Room alone = batcher.open(self(5000));
        assertThat(alone.takes(self(5000))).isTrue();
        alone.add(self(5000));
        assertThat(alone.takes(self(1))).isFalse();
        assertThat(alone.mostQueryTokens()).isEqualTo(5000);
        assertThat(alone.mostSlots()).isEqualTo(5000);
    }

    /** A row that turned out to be bad leaves a batch that it was the measure of. */
    @Test
    void anEmptyBatchTakesNoRowThatIsLargerThanIt() {
        SequenceBatcher.Room room = batcher(WIDE).open(self(50));
        assertThat(room.takes(self(5000))).isFalse();
        assertThat(room.takes(self(50))).isTrue();
    }

    @Test
    void emptySequencesCountToo() {
        assertThat(sizes(batcher(new BatchLimits(2, 100, 100)), self(0), 5)).containsExactly(2, 2, 1);
        SequenceBatcher.Room room = batcher(WIDE).open(self(0));
        room.add(self(0));
        assertThat(room.takes(self(900))).isTrue();
    }

    @Test
    void paddedSequencesTakeWholePages() {
        SequenceBatcher batcher = new SequenceBatcher(WIDE, PageLayout.PADDED, 64, 2, 4);
        SequenceBatcher.Room room = batcher.open(self(65));
        room.add(self(65));
        assertThat(room.slotsTaken()).isEqualTo(128);
        assertThat(room.queryTokensTaken()).isEqualTo(65);
    }

    @Test
    void leavesRoomForExactlyWhatItIsTold() {
        SequenceBatcher.Room room =
                batcher(WIDE).exactly(List.of(new SequenceLengths(3, 7), new SequenceLengths(5, 0)));
        assertThat(room.mostQueryTokens()).isEqualTo(8);
        assertThat(room.mostSlots()).isEqualTo(7);
    }

    @Test
    void refusesLimitsThatLetNothingThrough() {
        assertThatThrownBy(() -> new BatchLimits(0, 1, 1)).hasMessageContaining("batch.maxSequences is 0");
        assertThatThrownBy(() -> new BatchLimits(1, -5, 1)).hasMessageContaining("batch.maxTokens is -5");
        assertThatThrownBy(() -> new BatchLimits(1, 1, 0)).hasMessageContaining("batch.maxBytes is 0");
    }

    private static SequenceBatcher batcher(BatchLimits limits) {
        return new SequenceBatcher(limits, PageLayout.PACKED, 64, 2, 4);
    }

    private static SequenceLengths self(int tokens) {
        return new SequenceLengths(tokens, tokens);
    }

    /** How many of {@code count} like sequences each batch takes. */
    private static List<Integer> sizes(SequenceBatcher batcher, SequenceLengths each, int count) {
        List<Integer> sizes = new ArrayList<>();
        SequenceBatcher.Room room = null;
        for (int i = 0; i < count; i++) {
            if (room == null || !room.takes(each)) {
                room = batcher.open(each);
                sizes.add(0);
            }
            room.add(each);
            sizes.set(sizes.size() - 1, sizes.get(sizes.size() - 1) + 1);
        }
        return sizes;
    }
}
