package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pagedattention.executor.Figure;

class DriverSideTest {
    private final DriverSide driver = new DriverSide();

    @Test
    void addsUpTheLatestFiguresOfEachExecutor() {
        driver.receive(figures("0", 10, 1));
        driver.receive(figures("1", 5, 0));
        driver.receive(figures("0", 30, 2));
        // overtaken by the one above
        driver.receive(figures("0", 20, 2));
        ClusterSummary summary = driver.summary();
        assertThat(summary.total(Figure.SEQUENCES)).isEqualTo(35);
        assertThat(summary.total(Figure.BAD_ROWS)).isEqualTo(2);
        assertThat(summary.total(Figure.RETRIES)).isZero();
        assertThat(summary.text()).contains("35 sequences", "2 bad rows");
    }

    @Test
    void saysTheShareOfUnusedSlots() {
        EnumMap<Figure, Long> figures = new EnumMap<>(Map.of(Figure.KV_TOKENS, 75L, Figure.WASTED_SLOTS, 25L));
        driver.receive(new ExecutorFigures("0", figures));
        assertThat(driver.summary().text()).contains("25.00% of page slots unused");
    }

    @Test
    void answersOnlyWhatJdkClassesCanSay() {
        assertThat(driver.receive(DeviceRegistryTest.report("0", "hostA", 0, "GPU-a")))
                .isEqualTo("");
        assertThat(driver.receive(DeviceRegistryTest.report("1", "hostA", 0, "GPU-a")))
                .isInstanceOf(String.class);
        assertThat(driver.receive(new StartFailure("1", "hostA", "taken"))).isEqualTo("");
        assertThat(driver.receive(new DeviceLoss("0", "hostA", "gone"))).isEqualTo("");
        assertThat(driver.receive(figures("0", 1, 0))).isNull();
        assertThat(driver.receive("something else")).isNull();
        assertThat(driver.summary().problems()).hasSize(2);
    }

    @Test
    void anExecutorThatDidNotStartFreesItsGpu() {
        driver.receive(DeviceRegistryTest.report("0", "hostA", 0, "GPU-a"));
        driver.receive(new StartFailure("0", "hostA", "cudaErrorMemoryAllocation"));
        assertThat(driver.receive(DeviceRegistryTest.report("1", "hostA", 0, "GPU-a")))
                .isEqualTo("");
    }

    @Test
    void threeFailedStartsInARowAreHopeless() {
        StartProblems problems = new StartProblems();
        assertThat(problems.startFailed("a")).isFalse();
        assertThat(problems.startFailed("a")).isFalse();
        problems.started();
        assertThat(problems.startFailed("b")).isFalse();
        assertThat(problems.startFailed("b")).isFalse();
        assertThat(problems.startFailed("b")).isTrue();
        assertThat(problems.all()).containsExactly("a", "b");
    }

    private static ExecutorFigures figures(String id, long sequences, long badRows) {
        return new ExecutorFigures(id, new EnumMap<>(Map.of(Figure.SEQUENCES, sequences, Figure.BAD_ROWS, badRows)));
    }
}
