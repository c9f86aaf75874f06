package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.device.FatalDeviceException;

class CudaStatusTest {
    @ParameterizedTest
    @CsvSource({
        "0,OK",
        "1,FAILED",
        "2,OUT_OF_MEMORY",
        "35,FAILED",
        "100,FAILED",
        "214,FATAL",
        "700,FATAL",
        "719,FATAL",
        "999,FATAL"
    })
    void tellsWhatCanBeRetried(int code, CudaStatus status) {
        assertThat(CudaStatus.of(code)).isEqualTo(status);
    }

    @Test
    void fatalIsNoKindOfOutOfMemory() {
        assertThat(new GpuFatalException("x"))
                .isInstanceOf(FatalDeviceException.class)
                .isNotInstanceOf(DeviceMemoryException.class);
        assertThat(new GpuOutOfMemoryException("device memory", 1, 2))
                .isInstanceOf(DeviceMemoryException.class)
                .isNotInstanceOf(FatalDeviceException.class);
    }

    @Test
    void namesTheSettingThatHelps() {
        assertThat(new GpuOutOfMemoryException("device memory", 3L << 30, 1L << 30))
                .hasMessage("out of device memory: 3072 MiB needed, 1024 MiB free; lower "
                        + "spark.pagedAttention.batch.maxBytes, or run fewer tasks on this GPU");
        assertThat(new GpuOutOfMemoryException("pinned host memory", 3L << 30, -1))
                .hasMessageStartingWith("out of pinned host memory: 3072 MiB needed; lower");
    }
}
