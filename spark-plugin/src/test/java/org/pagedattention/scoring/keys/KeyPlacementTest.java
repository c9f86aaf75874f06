package org.pagedattention.scoring.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPlacementTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tasksGetAboutAsManyRows(long seed) {
        Random random = new Random(seed);
        int tasks = 2 + random.nextInt(60);
        Map<Long, Long> keys = new HashMap<>();
        int count = 20 * tasks + random.nextInt(2000);
        for (int i = 0; i < count; i++) {
            keys.put(hash(i), 1L + random.nextInt(50));
        }
        long rows = keys.values().stream().mapToLong(Long::longValue).sum();
        // one key has 40% of all rows, another 10%
        keys.put(hash(-1), rows * 40 / 50);
        keys.put(hash(-2), rows * 10 / 50);
        rows += keys.get(hash(-1)) + keys.get(hash(-2));
        KeyPlacement placement = placement(keys, rows, tasks);
        double[] loads = new double[tasks];
        keys.forEach((key, n) -> {
            for (int piece = 0; piece < placement.pieces(key); piece++) {
                loads[placement.task(key, piece)] += (double) n / placement.pieces(key);
                assertThat(placement.tasks(key))
                        .contains(placement.task(key, piece))
                        .doesNotHaveDuplicates();
            }
        });
        Arrays.sort(loads);
        assertThat(loads[tasks - 1]).isLessThanOrEqualTo(1.5 * loads[tasks / 2]);
        assertThat(loads[0]).isPositive();
        assertThat(placement.pieces(hash(-1))).isGreaterThanOrEqualTo(2 * tasks / 5);
    }

    @Test
    void fewKeysAreCutSoThatAllTasksWork() {
        Map<Long, Long> keys = Map.of(hash(1), 1000L, hash(2), 1000L, hash(3), 1000L);
        KeyPlacement placement = placement(keys, 3000, 12);
        assertThat(placement.pieces(hash(1))).isEqualTo(4);
        assertThat(keys.keySet().stream()
                        .flatMapToInt(key -> Arrays.stream(placement.tasks(key)))
                        .distinct())
                .hasSize(12);
    }

    @Test
    void keysWithoutRowsMostlyHaveNoTask() {
        Map<Long, Long> keys = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            keys.put(hash(i), 1L);
        }
        KeyPlacement placement = placement(keys, 1000, 10);
        int passed = 0;
        for (int i = 1000; i < 11000; i++) {
            passed += placement.tasks(hash(i)).length;
        }
        assertThat(passed).isLessThan(300);
        keys.keySet().forEach(key -> assertThat(placement.tasks(key)).hasSize(1));
    }

    @Test
    void nothingNeedsOneTask() {
        assertThat(placement(Map.of(), 0, 1).tasks()).isEqualTo(1);
    }

    private static KeyPlacement placement(Map<Long, Long> keys, long rows, int tasks) {
        long frequent = KeyPlacement.frequent(rows, tasks);
        KeyCounts even = new KeyCounts(frequent, 16 * tasks, keys.size());
        KeyCounts odd = new KeyCounts(frequent, 16 * tasks, keys.size());
        keys.forEach((key, count) -> (key % 2 == 0 ? even : odd).add(key, count));
        return KeyPlacement.of(even.merge(odd), rows, tasks);
    }

    private static long hash(long key) {
        return new SplittableRandom(key).nextLong();
    }
}
