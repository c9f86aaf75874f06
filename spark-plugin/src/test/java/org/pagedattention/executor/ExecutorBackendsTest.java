package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cpu.CpuBackendProvider;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.scoring.TestSequences;
import org.pagedattention.tensor.ElementType;

class ExecutorBackendsTest {
    private static final BackendSettings SETTINGS = BackendSettings.defaults().withCudnnLibraryPath("/nowhere");

    @AfterEach
    void forget() {
        ExecutorBackends.assign(null);
    }

    @Test
    void aBackendIsOneWhetherAskedForByNameOrByAuto() {
        AttentionBackend named = ExecutorBackends.get("cpu", SETTINGS);
        assertThat(ExecutorBackends.get("auto", SETTINGS)).isSameAs(named);
        assertThat(ExecutorBackends.get("cpu", SETTINGS.withThreads(2))).isNotSameAs(named);
    }

    @Test
    void closesTheOneThatIsOpenedWhileAllAreClosed() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        BackendProvider slow = slowCpu(opening, go);
        BackendSettings settings = SETTINGS.withThreads(5);
        AtomicReference<AttentionBackend> opened = new AtomicReference<>();
        Thread task = new Thread(() -> opened.set(ExecutorBackends.open(slow, settings)));
        Thread end = new Thread(ExecutorBackends::closeAll);
        task.start();
        opening.await();
        end.start();
        while (end.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
        go.countDown();
        task.join();
        end.join();
        assertThat(ExecutorBackends.get("cpu", settings)).isNotSameAs(opened.get());
    }

    private static BackendProvider slowCpu(CountDownLatch opening, CountDownLatch go) {
        BackendProvider cpu = new CpuBackendProvider();
        return (BackendProvider) Proxy.newProxyInstance(
                BackendProvider.class.getClassLoader(),
                new Class<?>[] {BackendProvider.class},
                (proxy, method, given) -> {
                    if (method.getName().equals("create")) {
                        opening.countDown();
                        go.await();
                    }
                    return method.invoke(cpu, given);
                });
    }

    @Test
    void withoutAnAssignedGpuAutoIsTheCpuAndNothingElseButThatWorks() {
        ExecutorBackends.assign(DeviceAssignment.none("Spark assigned no GPU: set some.key"));
        assertThat(ExecutorBackends.choose("auto", SETTINGS).provider().name()).isEqualTo("cpu");
        assertThat(ExecutorBackends.choose("auto", SETTINGS).passedOver()).isEmpty();
        assertThat(ExecutorBackends.get("cpu", SETTINGS).name()).isEqualTo("cpu");
        assertThatThrownBy(() -> ExecutorBackends.get("cudnn", SETTINGS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Spark assigned no GPU: set some.key")
                .hasMessageContaining("spark.pagedAttention.backend to auto");
    }

    @Test
    void saysOnceWhyAutoIsTheCpu() {
        List<String> heard = new ArrayList<>();
        Appender listener = new AbstractAppender("listener", null, null, false, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                heard.add(event.getMessage().getFormattedMessage());
            }
        };
        listener.start();
        LoggerConfig root = LoggerContext.getContext(false).getConfiguration().getRootLogger();
        root.addAppender(listener, null, null);
        try {
            ExecutorBackends.choose("auto", SETTINGS.withThreads(3));
            ExecutorBackends.choose("auto", SETTINGS.withThreads(3));
        } finally {
            root.removeAppender(listener.getName());
        }
        assertThat(heard).singleElement().asString().contains("runs on the cpu backend; cudnn: ");
    }

    @Test
    void anAssignedGpuComesBeforeTheJobs() {
        DeviceAssignment assigned = DeviceAssignment.gpu(3);
        assertThat(assigned.settings(SETTINGS.withDevice(1)).device()).isEqualTo(3);
        assertThat(assigned.backend("auto")).isEqualTo("auto");
        assertThat(assigned.backend("cudnn")).isEqualTo("cudnn");
        assertThat(DeviceAssignment.none("").settings(SETTINGS.withDevice(1)).device())
                .isEqualTo(1);
    }

    @Test
    void figuresGrowWithWhatIsScored() {
        AttentionSpec spec =
                new AttentionSpec(2, 1, 8, 8, ElementType.FP32, Mask.causal(), AttentionSpec.defaultScale(8));
        TestSequences data = new TestSequences(spec, false, 5, 3, 1, 20);
        ScoringOptions options = ScoringOptions.builder(spec).build();
        Map<Figure, Long> before = ExecutorMetrics.snapshot();
        long rows = new SequenceScorer(options)
                .score(LocalSpark.table(data.rows(), data.schema()))
                .collectAsList()
                .size();
        Map<Figure, Long> after = ExecutorMetrics.snapshot();
        assertThat(after).containsOnlyKeys(Figure.values());
        assertThat(grown(before, after, Figure.SEQUENCES)).isEqualTo(rows);
        assertThat(grown(before, after, Figure.QUERY_TOKENS)).isEqualTo(24);
        assertThat(grown(before, after, Figure.KV_TOKENS)).isEqualTo(24);
        assertThat(grown(before, after, Figure.BATCHES)).isPositive();
        assertThat(grown(before, after, Figure.WASTED_SLOTS)).isPositive();
        assertThat(grown(before, after, Figure.BAD_ROWS)).isZero();
    }

    private static long grown(Map<Figure, Long> before, Map<Figure, Long> after, Figure figure) {
        return after.get(figure) - before.get(figure);
    }
}
