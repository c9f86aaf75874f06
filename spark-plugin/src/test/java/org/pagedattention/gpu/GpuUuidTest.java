package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class GpuUuidTest {

    @Test
    void isWrittenAsNvidiasToolsDo() {
        byte[] bytes = HexFormat.of().parseHex("5fd4f08786f37a43b7114771313afc50");
        assertThat(GpuUuid.format(bytes)).isEqualTo("GPU-5fd4f087-86f3-7a43-b711-4771313afc50");
    }

    @Test
    void isEmptyWhereTheDriverTellsNone() {
        assertThat(GpuUuid.format(null)).isEmpty();
        assertThat(GpuUuid.format(new byte[16])).isEmpty();
        assertThat(GpuUuid.format(new byte[4])).isEmpty();
    }
}
