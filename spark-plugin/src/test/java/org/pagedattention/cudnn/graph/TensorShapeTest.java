package org.pagedattention.cudnn.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TensorShapeTest {
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
    void hasAsManyAxesAsAGraphNeeds() {
        TensorShape weights = TensorShape.rowMajor(1, 768, 3072).transposed();
        assertThat(weights.dims()).containsExactly(1L, 3072L, 768L);
        assertThat(weights.strides()).containsExactly(768L * 3072, 1L, 3072L);
        assertThat(TensorShape.rowMajor(5, 7)).isEqualTo(new TensorShape(List.of(5L, 7L), List.of(7L, 1L)));
        assertThat(TensorShape.ones(3)).isEqualTo(TensorShape.rowMajor(1, 1, 1));
    }
}
