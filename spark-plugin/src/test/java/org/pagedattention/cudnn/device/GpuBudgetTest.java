package org.pagedattention.cudnn.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.pagedattention.device.GpuLimits;

class GpuBudgetTest {
    private static final long GIB = 1L << 30;

    @Test
    void takesItsShareOfWhatIsFree() {
        assertThat(GpuBudget.of(new GpuLimits(0.5, 0, 4), 100 * GIB, 256 * GIB, 8))
                .isEqualTo(new GpuBudget(50 * GIB, 4 * GIB));
    }

    @Test
    void pinsWhatIsAskedFor() {
        assertThat(GpuBudget.of(new GpuLimits(1, 7 * GIB, 1), GIB, 8 * GIB, 2)).isEqualTo(new GpuBudget(GIB, 7 * GIB));
    }

    @Test
    void pinsForAllTasksThatFillBatches() {
        assertThat(GpuBudget.of(new GpuLimits(1, 0, 4), GIB, 256 * GIB, 32).pinnedBytes())
                .isEqualTo(8 * GIB);
    }

    @Test
    void pinsByItselfNoMoreThanAQuarterOfTheHost() {
        assertThat(GpuBudget.of(new GpuLimits(1, 0, 64), GIB, 8 * GIB, 2).pinnedBytes())
                .isEqualTo(2 * GIB);
        assertThat(GpuBudget.of(new GpuLimits(1, 0, 1), GIB, 8 * GIB, 2).pinnedBytes())
                .isEqualTo(GIB);
    }

    @Test
    void saysWhichSettingLeavesTooLittle() {
        assertThatIllegalStateException()
                .isThrownBy(() -> GpuBudget.of(new GpuLimits(0.25, 0, 4), GIB / 8, GIB, 2))
                .withMessage(
                        "too little GPU memory: 128 MiB free, of which spark.pagedAttention.gpu.memoryFraction 0.25 "
                                + "allows 32 MiB, and the least is 64 MiB: raise it, or stop what else runs on this GPU");
    }

    @Test
    void saysWhichSettingAsksForTooMuch() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuBudget.of(new GpuLimits(0.8, 9 * GIB, 4), GIB, 8 * GIB, 2))
                .withMessage(
                        "spark.pagedAttention.gpu.pinnedBytes asks for 9216 MiB, and this host has 8192 MiB in all: "
                                + "lower it, or set it to auto");
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GpuLimits(Double.NaN, 0, 4))
                .withMessageContaining("gpu.memoryFraction");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GpuLimits(0.8, -1, 4))
                .withMessageContaining("gpu.pinnedBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GpuLimits(0.8, 0, 0))
                .withMessageContaining("gpu.concurrentBatches");
    }
}
