package org.pagedattention.direct.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunkSizeTest {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    @Test
    void sharesThePoolAmongThoseWhoUseItAtOnce() {
        assertThat(ChunkSize.of(2 * GIB, 4)).isEqualTo(2 * GIB / 24);
    }

    @Test
    void letsAllPiecesInThatHaveRoom() {
        assertThat(ChunkSize.places(110 * GIB, 16, 4)).isEqualTo(16);
        assertThat(ChunkSize.places(6 * GIB, 16, 4)).isEqualTo(8);
        assertThat(ChunkSize.places(GIB, 16, 4)).isEqualTo(4);
        assertThat(ChunkSize.places(110 * GIB, 2, 4)).isEqualTo(4);
    }

    @Test
    void staysWithinBoundsOnLargeAndSmallGpus() {
        assertThat(ChunkSize.of(110 * GIB, 4)).isEqualTo(512 * MIB);
        assertThat(ChunkSize.of(MIB, 4)).isEqualTo(MIB);
    }

    @Test
    void takesPinnedMemoryByPiecesUnlessToldOtherwise() {
        assertThat(ChunkSize.pinnedBytes(0, 8, 100 * GIB, 256 * GIB)).isEqualTo(GIB);
        assertThat(ChunkSize.pinnedBytes(0, 64, 100 * GIB, 256 * GIB)).isEqualTo(4 * GIB);
        assertThat(ChunkSize.pinnedBytes(0, 64, 100 * MIB, 256 * GIB)).isEqualTo(200 * MIB);
        assertThat(ChunkSize.pinnedBytes(0, 64, MIB, 256 * GIB)).isEqualTo(64 * MIB);
        assertThat(ChunkSize.pinnedBytes(0, 64, 100 * GIB, 8 * GIB)).isEqualTo(2 * GIB);
        assertThat(ChunkSize.pinnedBytes(123, 64, 100 * GIB, 256 * GIB)).isEqualTo(123);
    }

    @Test
    void fetchesSmallTablesInEnoughPiecesForAllTasks() {
        assertThat(ChunkSize.pieceBytes(32 * GIB, 16)).isEqualTo(128 * MIB);
        assertThat(ChunkSize.pieceBytes(4 * GIB, 16)).isEqualTo(64 * MIB);
        assertThat(ChunkSize.pieceBytes(MIB, 16)).isEqualTo(16 * MIB);
    }

    @Test
    void givesEachSlotAsManyTasksAsTheOthers() {
        assertThat(ChunkSize.tasks(5, 16)).isEqualTo(5);
        assertThat(ChunkSize.tasks(16, 16)).isEqualTo(16);
        assertThat(ChunkSize.tasks(128, 16)).isEqualTo(16);
        assertThat(ChunkSize.tasks(129, 16)).isEqualTo(32);
        assertThat(ChunkSize.tasks(1000, 1)).isEqualTo(125);
    }
}
