package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeviceRegistryTest {
    private final DeviceRegistry registry = new DeviceRegistry(false);

    @Test
    void oneGpuServesOneExecutor() {
        assertThat(registry.register(report("0", "hostA", 0, "GPU-a"))).isEmpty();
        assertThat(registry.register(report("1", "hostA", 0, "GPU-a")))
                .contains("GPU 0 of hostA (GPU-a) is in use by executor 0", "1 executor", "gpu.allowSharedDevice");
        assertThat(registry.running()).extracting(ExecutorReport::executorId).containsExactly("0");
    }

    @Test
    void anIndexMeansAnotherGpuOnAnotherHost() {
        assertThat(registry.register(report("0", "hostA", 0, ""))).isEmpty();
        assertThat(registry.register(report("1", "hostB", 0, ""))).isEmpty();
        assertThat(registry.register(report("2", "hostA", 1, ""))).isEmpty();
        assertThat(registry.register(report("3", "hostB", 0, ""))).contains("in use by executor 1");
    }

    @Test
    void aGpuIsKnownByItsUuidWhateverItsIndexAndTheNameOfItsHost() {
        assertThat(registry.register(report("0", "podA", 0, "GPU-a"))).isEmpty();
        assertThat(registry.register(report("1", "podB", 3, "GPU-a"))).contains("in use by executor 0");
        assertThat(registry.register(report("2", "podA", 0, "GPU-b"))).isEmpty();
    }

    @Test
    void aReplacedExecutorTakesTheSameGpu() {
        registry.register(report("0", "hostA", 0, "GPU-a"));
        registry.remove("0");
        assertThat(registry.register(report("1", "hostA", 0, "GPU-a"))).isEmpty();
        registry.remove("0");
        assertThat(registry.running()).extracting(ExecutorReport::executorId).containsExactly("1");
    }

    @Test
    void aSecondReportOfOneExecutorChangesNothing() {
        assertThat(registry.register(report("0", "hostA", 0, "GPU-a"))).isEmpty();
        assertThat(registry.register(report("0", "hostA", 0, "GPU-a"))).isEmpty();
        assertThat(registry.running()).hasSize(1);
    }

    @Test
    void aReportThatComesAfterTheLossBooksNothing() {
        registry.remove("0");
        assertThat(registry.register(report("0", "hostA", 0, "GPU-a"))).contains("given this executor up");
        assertThat(registry.register(report("1", "hostA", 0, "GPU-a"))).isEmpty();
    }

    @Test
    void executorsWithoutGpuAndSharedGpusNeedNoBooking() {
        assertThat(registry.register(report("0", "hostA", -1, ""))).isEmpty();
        assertThat(registry.register(report("1", "hostA", -1, ""))).isEmpty();
        DeviceRegistry shared = new DeviceRegistry(true);
        assertThat(shared.register(report("0", "hostA", 0, "GPU-a"))).isEmpty();
        assertThat(shared.register(report("1", "hostA", 0, "GPU-a"))).isEmpty();
        assertThat(shared.running()).hasSize(2);
    }

    static ExecutorReport report(String id, String host, int device, String uuid) {
        return new ExecutorReport(id, host, 100, device, uuid, "", "cpu", device < 0 ? "none assigned" : "");
    }
}
