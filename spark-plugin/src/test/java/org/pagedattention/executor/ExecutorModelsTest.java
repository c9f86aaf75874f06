package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;

class ExecutorModelsTest {
    private static final BackendSettings SETTINGS = BackendSettings.defaults();

    private final AtomicInteger loads = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();

    @AfterEach
    void closeAll() {
        ExecutorBackends.closeAll();
    }

    @Test
    void loadsAModelOnceForAllTasks() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<AutoCloseable>> tasks = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                tasks.add(threads.submit(() -> load("first")));
            }
            for (Future<AutoCloseable> task : tasks) {
                assertThat(task.get()).isSameAs(load("first"));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(loads).hasValue(1);
        assertThat(load("changed")).isNotSameAs(load("first"));
        assertThat(loads).hasValue(2);
    }

    @Test
    void closesModelsWithTheBackends() {
        load("first");
        load("changed");
        ExecutorBackends.closeAll();
        assertThat(closes).hasValue(2);
        load("first");
        assertThat(loads).hasValue(3);
    }

    @Test
    void closesAllModelsWhenOneCannotBeClosed() {
        ExecutorModels.borrow("bad", () -> (AutoCloseable) () -> {
            throw new IllegalArgumentException("stuck");
        });
        load("first");
        assertThatThrownBy(ExecutorBackends::closeAll)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a model could not be closed")
                .hasMessageContaining("stuck");
        assertThat(closes).hasValue(1);
    }

    @Test
    void refusesABackendThatRunsNoModels() {
        assertThatThrownBy(() -> ExecutorModels.backend("cudnn", SETTINGS.withCudnnLibraryPath("/nowhere")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("backend 'cudnn' cannot work here");
    }

    @Test
    void keepsOneIdleModelWhenAnotherIsLoaded() {
        borrow("first").close();
        borrow("second").close();
        assertThat(closes).hasValue(0);
        borrow("third").close();
        assertThat(closes).hasValue(1);
        borrow("second").close();
        borrow("third").close();
        assertThat(loads).hasValue(3);
        borrow("first").close();
        assertThat(loads).hasValue(4);
        assertThat(closes).hasValue(2);
    }

    @Test
    void keepsModelsThatAreInUse() {
        try (ExecutorModels.Lease<AutoCloseable> first = borrow("first");
                ExecutorModels.Lease<AutoCloseable> again = borrow("first");
                ExecutorModels.Lease<AutoCloseable> second = borrow("second")) {
            first.close();
            first.close();
            borrow("third").close();
            borrow("fourth").close();
            borrow("fifth").close();
            assertThat(closes).hasValue(1);
            assertThat(load("first")).isSameAs(again.model());
            assertThat(load("second")).isSameAs(second.model());
        }
        assertThat(loads).hasValue(5);
    }

    @Test
    void loadsAgainWhatFailedToLoad() {
        borrow("first").close();
        assertThatThrownBy(() -> ExecutorModels.borrow("bad", () -> {
                    throw new OutOfMemoryError("no room");
                }))
                .hasMessage("no room");
        assertThat(load("bad")).isNotNull();
        // the failure took no place of an idle model
        assertThat(load("first")).isNotNull();
        assertThat(loads).hasValue(2);
    }

    @Test
    void closesWhatIsLoadedWhileAllIsClosed() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<?> task = threads.submit(() -> ExecutorModels.borrow("slow", () -> {
                loading.countDown();
                await(go);
                return closes::incrementAndGet;
            }));
            loading.await();
            Future<?> end = threads.submit(ExecutorBackends::closeAll);
            go.countDown();
            task.get();
            end.get();
        } finally {
            threads.shutdownNow();
        }
        assertThat(closes).hasValue(1);
        load("slow");
        assertThat(loads).hasValue(1);
    }

    /** The load asks for its backend when those that were there are being closed. */
    @Test
    void leavesNoBackendOpenThatAModelWasLoadedOnMeanwhile() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<ModelBackend> opened = new AtomicReference<>();
        Thread task = new Thread(() -> ExecutorModels.borrow("slow", () -> {
            loading.countDown();
            await(go);
            opened.set(ExecutorModels.backend("cpu", SETTINGS));
            return closes::incrementAndGet;
        }));
        Thread end = new Thread(ExecutorBackends::closeAll);
        task.start();
        loading.await();
        end.start();
        while (end.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
        try {
            assertThatThrownBy(() -> borrow("other")).hasMessageContaining("models are being closed here");
        } finally {
            go.countDown();
            task.join();
            end.join();
        }
        assertThat(closes).hasValue(1);
        assertThatThrownBy(() -> opened.get().begin(null)).hasMessageContaining("is closed");
        assertThat(ExecutorModels.backend("cpu", SETTINGS)).isNotSameAs(opened.get());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Borrowed and given back. */
    private AutoCloseable load(String key) {
        try (ExecutorModels.Lease<AutoCloseable> lease = borrow(key)) {
            return lease.model();
        }
    }

    private ExecutorModels.Lease<AutoCloseable> borrow(String key) {
        return ExecutorModels.borrow(key, () -> {
            loads.incrementAndGet();
            return closes::incrementAndGet;
        });
    }
}
