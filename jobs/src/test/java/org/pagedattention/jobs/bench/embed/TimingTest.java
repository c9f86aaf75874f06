package org.pagedattention.jobs.bench.embed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class TimingTest {

    @Test
    void runsOnceAtLeast() {
        AtomicInteger runs = new AtomicInteger();
        Timing timing = Timing.of(runs::incrementAndGet, 5, 0);

        assertThat(timing.runs()).isEqualTo(runs.get()).isPositive();
        assertThat(timing.seconds()).isPositive();
    }

    @Test
    void endsWithTheTime() {
        Timing timing = Timing.of(TimingTest::nap, 1_000_000, 0.2);

        assertThat(timing.runs()).isBetween(1, 200);
        assertThat(timing.seconds()).isGreaterThan(0.001);
        assertThat(timing.quiet()).isLessThanOrEqualTo(timing.runs());
    }

    @Test
    void saysWhenTheMachineWasBusy() {
        assertThat(new Timing(1, 0, 4, 1.5)).hasToString("busy, others 1.50 CPUs");
        assertThat(new Timing(1, 3, 4, 0.01)).hasToString("3 quiet of 4");
    }

    private static void nap() {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
