package org.pagedattention.gpu.cudf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PinnedRoomTest {
    private static final long POOL = 1 << 20;

    private final PinnedRoom room = new PinnedRoom();

    @Test
    void isFullBeforeThePoolIs() {
        long taken = 0;
        while (room.take(1000, POOL)) {
            taken += 1024;
        }
        assertThat(taken).isBetween(POOL * 7 / 8, POOL * 15 / 16);
        assertThat(room.take(1, POOL)).as("as much as an alignment").isFalse();
    }

    @Test
    void hasRoomAgainForWhatWasGivenBack() {
        assertThat(room.take(POOL / 2, POOL)).isTrue();
        assertThat(room.take(POOL / 2, POOL)).isFalse();
        room.giveBack(POOL / 2);
        assertThat(room.take(POOL / 2, POOL)).isTrue();
    }

    @Test
    void hasNoneWithoutAPool() {
        assertThat(room.take(1, 0)).isFalse();
    }
}
