package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class StageTimesTest {
    private static final long PAUSE = 20_000_000;

    @Test
    void countsAStageWithoutThoseWithinIt() {
        StageTimes times = new StageTimes();
        times.run(Stage.ENCODE, () -> {
            pause();
            times.run(Stage.POOL, StageTimesTest::pause);
        });
        assertThat(times.nanos(Stage.ENCODE)).isBetween(PAUSE, 100 * PAUSE);
        assertThat(times.nanos(Stage.POOL)).isGreaterThanOrEqualTo(PAUSE);
        assertThat(times.nanos()).containsOnlyKeys(Stage.POOL, Stage.ENCODE);
        assertThat(times.nanos(Stage.WAIT)).isZero();
    }

    @Test
    void leavesAStageThatFails() {
        StageTimes times = new StageTimes();
        assertThatThrownBy(() -> times.time(Stage.DECODE, () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(times.enter(Stage.WRITE)).isNull();
        assertThat(times.enter(null)).isEqualTo(Stage.WRITE);
    }

    @Test
    void addsUpThreads() {
        StageTimes one = new StageTimes();
        StageTimes two = new StageTimes();
        one.run(Stage.READ, StageTimesTest::pause);
        two.run(Stage.READ, StageTimesTest::pause);
        long first = one.nanos(Stage.READ);
        one.add(two);
        assertThat(one.nanos(Stage.READ)).isEqualTo(first + two.nanos(Stage.READ));
    }

    private static void pause() {
        long end = System.nanoTime() + PAUSE;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(PAUSE);
        }
    }
}
