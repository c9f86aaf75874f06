package org.pagedattention.cudnn.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlightsTest {
    private final AtomicInteger here = new AtomicInteger();
    private final AtomicInteger mostSeen = new AtomicInteger();

    /** Ends whenever somebody waits for it. */
    private final class Batch implements Flights.Flight {
        private final Flights flights;
        private boolean landed;

        Batch(Flights flights) {
            this.flights = flights;
            flights.admit();
            mostSeen.accumulateAndGet(here.incrementAndGet(), Math::max);
            flights.started(this);
        }

        @Override
        public synchronized void land() {
            if (!landed) {
                landed = true;
                here.decrementAndGet();
                flights.landed(this);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 8", "3, 8", "64, 8"})
    void letsNoMoreInThanMayBeAndKeepsNobodyWaiting(int most, int threads)
            throws InterruptedException, ExecutionException, TimeoutException {
        Flights flights = new Flights(most);
        ExecutorService tasks = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                done.add(tasks.submit(() -> work(flights)));
            }
            for (Future<?> task : done) {
                task.get(30, TimeUnit.SECONDS);
            }
        } finally {
            tasks.shutdownNow();
        }
        assertThat(mostSeen.get()).isBetween(1, most);
        assertThat(here.get()).isZero();
        assertThat(flights.landOldest()).isFalse();
    }

    /** As a task does: the next batch starts before the last one is waited for. */
    private void work(Flights flights) {
        Batch last = new Batch(flights);
        for (int i = 0; i < 500; i++) {
            Batch next = new Batch(flights);
            last.land();
            last = next;
            if (i % 50 == 0) {
                flights.admit();
                flights.cancelled();
            }
        }
        last.land();
    }
}
