package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pagedattention.cudnn.graph.TensorShape;

class PagedSdpaGraphTest {
    @Test
    void laysPagesSideBySideOrOneTokenApart() {
        TensorShape padded = PagedSdpaGraph.container(new PageShape(16, 16, 10), 2, 128, 256);
        assertThat(padded.dims()).containsExactly(10L, 2L, 16L, 128L);
        assertThat(padded.strides()).containsExactly(4096L, 128L, 256L, 1L);
        TensorShape packed = PagedSdpaGraph.container(new PageShape(16, 1, 145), 2, 128, 256);
        assertThat(packed.dims()).containsExactly(145L, 2L, 16L, 128L);
        assertThat(packed.strides()).containsExactly(256L, 128L, 256L, 1L);
    }

    @Test
    void numbersTensorsApart() {
        assertThat(SdpaTensor.values()).extracting(SdpaTensor::uid).doesNotHaveDuplicates();
    }
}
