package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PagedSdpaGraphTest {
    @Test
    void seesTokenMajorMemoryByHeads() {
        TensorShape shape = TensorShape.tokenMajor(2, 8, 64, 128);
        assertThat(shape.dims()).containsExactly(2L, 8L, 64L, 128L);
        assertThat(shape.strides()).containsExactly(65536L, 128L, 1024L, 1L);
    }

    @Test
    void seesKeysTransposed() {
        TensorShape shape = TensorShape.rowMajor(2, 2, 128, 64).transposed();
        assertThat(shape.dims()).containsExactly(2L, 2L, 64L, 128L);
        assertThat(shape.strides()).containsExactly(16384L, 8192L, 1L, 64L);
    }

    @Test
    void laysPagesSideBySideOrOneTokenApart() {
        TensorShape padded = PagedSdpaGraph.container(new PageShape(16, 16, 10), 2, 128);
        assertThat(padded.dims()).containsExactly(10L, 2L, 16L, 128L);
        assertThat(padded.strides()).containsExactly(4096L, 128L, 256L, 1L);
        TensorShape packed = PagedSdpaGraph.container(new PageShape(16, 1, 145), 2, 128);
        assertThat(packed.dims()).containsExactly(145L, 2L, 16L, 128L);
        assertThat(packed.strides()).containsExactly(256L, 128L, 256L, 1L);
    }

    @Test
    void numbersTensorsApart() {
        assertThat(TensorId.values()).extracting(TensorId::uid).doesNotHaveDuplicates();
    }
}
