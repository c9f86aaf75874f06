package org.pagedattention.columns;

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
import org.junit.jupiter.api.Test;

class GpuShareTest {

    @Test
    void halvesChunksDownToTheSmallest() {
        GpuShare share = new GpuShare(4, 100, 30);
        assertThat(share.halve(100)).isTrue();
        assertThat(share.chunkBytes()).isEqualTo(50);
        // a task that began with larger chunks does not halve them for all once more
        assertThat(share.halve(100)).isTrue();
        assertThat(share.chunkBytes()).isEqualTo(50);
        assertThat(share.halve(50)).isTrue();
        assertThat(share.chunkBytes()).isEqualTo(30);
        assertThat(share.halve(30)).isFalse();
    }

    @Test
    void keepsOthersOutOfTheWayOfOneWhoNeedsAll() throws InterruptedException, ExecutionException, TimeoutException {
        GpuShare share = new GpuShare(3, 100, 30);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger mostSeen = new AtomicInteger();
        List<Integer> alone = java.util.Collections.synchronizedList(new ArrayList<>());
        ExecutorService tasks = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int task = 0; task < 6; task++) {
                done.add(tasks.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        share.enter();
                        mostSeen.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        share.alone(() -> {
                            alone.add(inside.incrementAndGet());
                            inside.decrementAndGet();
                        });
                        share.leave();
                    }
                }));
            }
            for (Future<?> task : done) {
                task.get(30, TimeUnit.SECONDS);
            }
        } finally {
            tasks.shutdownNow();
        }
        assertThat(mostSeen.get()).isBetween(1, 3);
        assertThat(alone).hasSize(1200).containsOnly(1);
    }
}
