package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkAheadTest {
    private final Set<Integer> open = ConcurrentHashMap.newKeySet();

    private final class Thing implements AutoCloseable {
        private final int number;

        Thing(int number) {
            this.number = number;
            open.add(number);
        }

        @Override
        public void close() {
            open.remove(number);
        }
    }

    @Test
    void handsAllOutInOrder() {
        try (WorkAhead<Integer, Thing> things = new WorkAhead<>(List.of(1, 2, 3).iterator(), 2, Thing::new)) {
            for (int number = 1; number <= 3; number++) {
                try (Thing thing = things.take()) {
                    assertThat(thing.number).isEqualTo(number);
                }
            }
            assertThatThrownBy(things::take).isInstanceOf(IllegalStateException.class);
        }
        assertThat(open).isEmpty();
    }

    @Test
    void worksOnTwoAtOnceAndOnNoMore() {
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch third = new CountDownLatch(3);
        try (WorkAhead<Integer, Thing> things =
                new WorkAhead<>(List.of(1, 2, 3, 4).iterator(), 2, number -> {
                    third.countDown();
                    both.countDown();
                    await(both);
                    return new Thing(number);
                })) {
            await(both);
            assertThat(third.getCount()).isEqualTo(1);
            try (Thing first = things.take()) {
                await(third);
                assertThat(open).contains(first.number).doesNotContain(4);
            }
        }
        assertThat(open).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void throwsWhatTheWorkThrewWhenItsTurnComes() {
        try (WorkAhead<Integer, Thing> things = new WorkAhead<>(List.of(1, 2, 3).iterator(), 2, number -> {
            if (number == 2) {
                throw new IllegalArgumentException("number " + number);
            }
            return new Thing(number);
        })) {
            things.take().close();
            assertThatThrownBy(things::take)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("number 2");
        }
        assertThat(open).isEmpty();
    }

    @Test
    void takesNothingFromNothing() {
        try (WorkAhead<Integer, Thing> things = new WorkAhead<>(Collections.emptyIterator(), 1, Thing::new)) {
            assertThatThrownBy(things::take).isInstanceOf(IllegalStateException.class);
        }
    }
}
