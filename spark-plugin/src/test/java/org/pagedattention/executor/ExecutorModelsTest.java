package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.executor.ExecutorModels.ModelKey;

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
                tasks.add(threads.submit(() -> load(key("first"))));
            }
            for (Future<AutoCloseable> task : tasks) {
                assertThat(task.get()).isSameAs(load(key("first")));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(loads).hasValue(1);
        assertThat(load(key("changed"))).isNotSameAs(load(key("first")));
        assertThat(loads).hasValue(2);
    }

    @Test
    void closesModelsWithTheBackends() {
        load(key("first"));
        load(key("changed"));
        ExecutorBackends.closeAll();
        assertThat(closes).hasValue(2);
        load(key("first"));
        assertThat(loads).hasValue(3);
    }

    @Test
    void closesAllModelsWhenOneCannotBeClosed() {
        ExecutorModels.get(key("bad"), backend -> (AutoCloseable) () -> {
            throw new IllegalArgumentException("stuck");
        });
        load(key("first"));
        assertThatThrownBy(ExecutorBackends::closeAll)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a model could not be closed")
                .hasMessageContaining("stuck");
        assertThat(closes).hasValue(1);
    }

    @Test
    void refusesABackendThatRunsNoModels() {
        ModelKey key = new ModelKey("test", "/model", "", "cudnn", SETTINGS);
        assertThatThrownBy(() -> load(key))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not run whole models yet");
    }

    private AutoCloseable load(ModelKey key) {
        return ExecutorModels.get(key, backend -> {
            assertThat(backend.name()).isEqualTo("cpu");
            loads.incrementAndGet();
            return closes::incrementAndGet;
        });
    }

    private static ModelKey key(String stamp) {
        return new ModelKey("test", "/model", stamp, "auto", SETTINGS);
    }
}
