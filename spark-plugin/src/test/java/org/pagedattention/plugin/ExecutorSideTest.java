package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.AccumulableInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.device.DeviceFacts;
import org.pagedattention.device.FatalDeviceException;
import org.pagedattention.executor.Figure;
import scala.jdk.javaapi.CollectionConverters;

class ExecutorSideTest {
    private static final DeviceFacts GPU_A = new DeviceFacts("GPU-a", "Some GPU", 80L << 30, "driver 1, cuDNN 9.19");
    private static final DeviceFacts GPU_B = new DeviceFacts("GPU-b", "Some GPU", 80L << 30, "driver 1, cuDNN 9.19");

    private static final String HOST = ThisHost.name();

    private final DriverSide driver = new DriverSide();
    private final List<Integer> exits = new ArrayList<>();
    private final List<ExecutorSide> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(ExecutorSide::shutdown);
    }

    @Test
    void reportsItsGpuAndItsBackend() {
        FakeContext context = new FakeContext(driver, "3", "1");
        start(context, settings(Map.of()));
        assertThat(driver.summary().executors()).singleElement().satisfies(report -> {
            assertThat(report.executorId()).isEqualTo("3");
            assertThat(report.host()).isEqualTo(HOST);
            assertThat(report.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(report.device()).isEqualTo(1);
            assertThat(report.uuid()).isEqualTo("GPU-b");
            assertThat(report.deviceText()).contains("cuDNN 9.19");
            assertThat(report.backend()).isEqualTo("cpu");
        });
        assertThat(driver.summary().text()).contains("executor 3 on " + HOST, "GPU 1: Some GPU (GPU-b");
    }

    @Test
    void registersEveryFigureAsAMetric() {
        FakeContext context = new FakeContext(driver, "0", "0");
        start(context, settings(Map.of()));
        for (Figure figure : Figure.values()) {
            assertThat(context.metricRegistry().getGauges()).containsKey(figure.metric());
            assertThat(context.metricRegistry().getGauges().get(figure.metric()).getValue())
                    .isEqualTo(0L);
        }
        assertThat(context.metricRegistry().getGauges()).containsKeys("models", "modelWeightBytes", "modelKeptBytes");
    }

    @Test
    void aGpuThatIsTakenIsRefusedAfterTheReplacedExecutorHadItsTime() {
        start(new FakeContext(driver, "0", "0"), settings(Map.of()));
        FakeContext second = new FakeContext(driver, "1", "0");
        assertThatThrownBy(() -> start(second, settings(Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in use by executor 0");
        assertThat(second.asked.stream().filter(ExecutorReport.class::isInstance))
                .hasSize(4);
        assertThat(driver.summary().problems())
                .singleElement()
                .asString()
                .contains("executor 1 on " + HOST + " did not start: GPU 0 of " + HOST
                        + " (GPU-a) is in use by executor 0");
    }

    @Test
    void aFailedStartReachesTheDriverWhateverItsKind() {
        FakeContext context = new FakeContext(driver, "0", "0");
        BackendProvider broken = new FakeProvider(List.of()) {
            @Override
            public List<DeviceFacts> devices(BackendSettings settings) {
                throw new UnsatisfiedLinkError("libsomething.so: cannot open");
            }
        };
        ExecutorSide side = new ExecutorSide(List.of(broken), exits::add, Duration.ZERO);
        // Spark would end the process without a word for an Error
        assertThatThrownBy(() -> side.init(context, settings(Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("UnsatisfiedLinkError: libsomething.so");
        assertThat(driver.summary().problems()).singleElement().asString().contains("libsomething.so: cannot open");
        assertThat(context.asked).singleElement().isInstanceOf(StartFailure.class);
    }

    @Test
    void aLostDeviceEndsTheExecutorOnceAndTellsTheDriverWhy() {
        ExecutorSide side = start(new FakeContext(driver, "5", "0"), settings(Map.of()));
        FatalDeviceException cause = new FatalDeviceException("cudaErrorIllegalAddress (700) in cudaMemcpyAsync");
        side.onTaskFailed(failure(new IllegalStateException("task failed", cause)));
        side.onTaskFailed(failure(cause));
        assertThat(exits).containsExactly(20);
        assertThat(driver.summary().problems())
                .singleElement()
                .asString()
                .contains("executor 5 on " + HOST + " lost its GPU", "status 20", "cudaErrorIllegalAddress (700)");
    }

    @Test
    void anOrdinaryFailureAndALostDeviceInLocalModeEndNothing() {
        ExecutorSide cluster = start(new FakeContext(driver, "0", "0"), settings(Map.of()));
        cluster.onTaskFailed(failure(new IllegalStateException("bad row")));
        Map<String, String> local = new ExecutorSettings(Map.of(), true, null, 1).toMap();
        ExecutorSide inDriver = start(new FakeContext(new DriverSide(), "driver"), local);
        inDriver.onTaskFailed(failure(new FatalDeviceException("lost")));
        assertThat(exits).isEmpty();
    }

    @Test
    void localModeTakesTheDriversGpu() {
        Map<String, String> local = new ExecutorSettings(noCudnn(), true, List.of("1"), 1).toMap();
        start(new FakeContext(driver, "driver"), local);
        assertThat(driver.summary().executors())
                .extracting(ExecutorReport::uuid)
                .containsExactly("GPU-b");
    }

    @Test
    void localModeHasNoGpuThatNobodySees() {
        ExecutorSide side = new ExecutorSide(List.of(new FakeProvider(List.of())), exits::add, Duration.ZERO);
        side.init(new FakeContext(driver, "driver"), new ExecutorSettings(noCudnn(), true, null, 1).toMap());
        started.add(side);
        assertThat(driver.summary().executors())
                .singleElement()
                .satisfies(report -> assertThat(report).asString().contains("backend cpu, no GPU"));
    }

    @Test
    void withBackendCpuTheGpusAreNobodysBusiness() {
        FakeContext context = new FakeContext(driver, "0", "0", "1", "2");
        start(context, settings(Map.of("spark.pagedAttention.backend", "cpu")));
        assertThat(driver.summary().executors())
                .singleElement()
                .satisfies(report -> assertThat(report.hasGpu()).isFalse());
    }

    @Test
    void executorsOfOtherStagesNeedNoGpuWhateverTheBackend() {
        Map<String, String> own =
                Map.of("spark.pagedAttention.backend", "cudnn", "spark.pagedAttention.stage.ownExecutors", "true");
        start(new FakeContext(driver, "0"), settings(own));
        assertThat(driver.summary().executors()).singleElement().satisfies(report -> {
            assertThat(report.hasGpu()).isFalse();
            assertThat(report.backend()).isEqualTo("cpu");
        });
    }

    private ExecutorSide start(FakeContext context, Map<String, String> settings) {
        ExecutorSide side =
                new ExecutorSide(List.of(new FakeProvider(List.of(GPU_A, GPU_B))), exits::add, Duration.ZERO);
        side.init(context, settings);
        started.add(side);
        return side;
    }

    /** For two task cores on a cluster, and the CPU, whatever this machine has. */
    private static Map<String, String> settings(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(noCudnn());
        all.putAll(more);
        return new ExecutorSettings(all, false, null, 2).toMap();
    }

    private static Map<String, String> noCudnn() {
        return Map.of("spark.pagedAttention.cudnn.libraryPath", "/nowhere");
    }

    private static ExceptionFailure failure(Throwable t) {
        return new ExceptionFailure(
                t, CollectionConverters.asScala(List.<AccumulableInfo>of()).toSeq());
    }

    /** Knows GPUs, but is never chosen: choices are made among the installed backends. */
    private static class FakeProvider implements BackendProvider {
        private final List<DeviceFacts> devices;

        FakeProvider(List<DeviceFacts> devices) {
            this.devices = devices;
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public int preference() {
            return 0;
        }

        @Override
        public Optional<String> unavailable(BackendSettings settings) {
            return Optional.of("fake");
        }

        @Override
        public String describe(BackendSettings settings) {
            return "";
        }

        @Override
        public AttentionBackend create(BackendSettings settings) {
            throw new IllegalStateException("fake");
        }

        @Override
        public List<DeviceFacts> devices(BackendSettings settings) {
            return devices;
        }
    }
}
