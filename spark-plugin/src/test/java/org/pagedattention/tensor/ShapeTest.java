package org.pagedattention.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {

    @Test
    void countsElements() {
        assertThat(Shape.of(152_064, 8_192).elements()).isEqualTo(1_245_708_288L);
        assertThat(Shape.of(100_000, 100_000).elements()).isEqualTo(10_000_000_000L);
        assertThat(Shape.of().elements()).isEqualTo(1);
        assertThat(Shape.of(3, 0).elements()).isZero();
    }

    @Test
    void namesRowsAndColumnsOfMatricesOnly() {
        assertThat(Shape.of(3, 4).rows()).isEqualTo(3);
        assertThat(Shape.of(3, 4).columns()).isEqualTo(4);
        assertThat(Shape.of(3, 4)).hasToString("[3, 4]");
        assertThatThrownBy(() -> Shape.of(3).rows()).hasMessage("shape [3] is no matrix");
        assertThatThrownBy(() -> Shape.of(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
