package org.pagedattention.cudnn.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArenaTest {
    private record Place(long at, long size) {
        boolean meets(Place other) {
            return at < other.at + other.size && other.at < at + size;
        }
    }

    @Test
    void takesGapsBeforeItGrows() {
        Arena arena = new Arena();
        assertThat(arena.take(1000)).isZero();
        assertThat(arena.take(100)).isEqualTo(1024);
        assertThat(arena.take(512)).isEqualTo(1280);
        arena.giveBack(0, 1000);
        assertThat(arena.take(300)).isZero();
        assertThat(arena.take(700)).isEqualTo(1792);
        assertThat(arena.take(512)).isEqualTo(512);
        assertThat(arena.bytes()).isEqualTo(2560);
    }

    @Test
    void joinsNeighbours() {
        Arena arena = new Arena();
        for (int i = 0; i < 4; i++) {
            arena.take(256);
        }
        arena.giveBack(0, 256);
        arena.giveBack(512, 256);
        arena.giveBack(256, 256);
        assertThat(arena.take(768)).isZero();
        arena.giveBack(768, 256);
        assertThat(arena.take(4096)).isEqualTo(768);
        assertThat(arena.bytes()).isEqualTo(768 + 4096);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void neverGivesOnePlaceToTwo(long seed) {
        Random random = new Random(seed);
        Arena arena = new Arena();
        List<Place> taken = new ArrayList<>();
        long most = 0;
        for (int i = 0; i < 2000; i++) {
            if (!taken.isEmpty() && random.nextInt(5) < 2) {
                Place gone = taken.remove(random.nextInt(taken.size()));
                arena.giveBack(gone.at, gone.size);
            } else {
                long size = 1 + random.nextInt(5000);
                Place place = new Place(arena.take(size), size);
                assertThat(place.at % 256).isZero();
                assertThat(taken).noneMatch(place::meets);
                taken.add(place);
                most = Math.max(most, place.at + place.size);
            }
        }
        assertThat(arena.bytes()).isBetween(most, most + 256);
        taken.forEach(place -> arena.giveBack(place.at, place.size));
        assertThat(arena.take(most)).isZero();
    }
}
