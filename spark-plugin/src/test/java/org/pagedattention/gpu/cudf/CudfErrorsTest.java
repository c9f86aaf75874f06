package org.pagedattention.gpu.cudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.gpu.InjectedFailures;

class CudfErrorsTest {

    @AfterEach
    void failNoMore() {
        InjectedFailures.failNth(0);
    }

    @Test
    void makesAnExceptionOfTheErrorForWhichSparkEndsTheExecutor() {
        assertThatExceptionOfType(GpuOutOfMemoryException.class)
                .isThrownBy(() -> CudfErrors.call("a chunk", 3L << 20, () -> {
                    throw new OutOfMemoryError("Could not allocate native memory: std::bad_alloc: out_of_memory");
                }))
                .withMessageContaining("a chunk")
                .withMessageContaining("3 MiB")
                .withCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void leavesTheHeapsOwnErrorAlone() {
        assertThatThrownBy(() -> CudfErrors.call("a chunk", 1, () -> {
                    throw new OutOfMemoryError("Java heap space");
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void failsTheNthCallWhenATestAsksForIt() {
        InjectedFailures.failNth(2);
        assertThat(CudfErrors.<Integer>call("first", 1, () -> 1)).isEqualTo(1);
        assertThatThrownBy(() -> CudfErrors.call("second", 1, () -> 2))
                .isInstanceOf(GpuOutOfMemoryException.class)
                .hasMessageContaining("injected");
        assertThat(CudfErrors.<Integer>call("third", 1, () -> 3)).isEqualTo(3);
    }
}
