package org.pagedattention.cudnn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.backend.ModelType;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

class WeightFormTest {

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void padsRowsAndColumnsWithZeros(ElementType type) {
        WeightForm form = form(type, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        assertThat(form.paddedRows()).isEqualTo(8);
        assertThat(form.paddedColumns()).isEqualTo(8);
        ElementType half = form.halfType(ModelType.AUTO);
        ByteBuffer target = ByteBuffer.allocate(3 * 8 * half.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < target.capacity(); i++) {
            target.put(i, (byte) 0x7f);
        }
        form.write(0, 3, half, target);
        float[] written = new float[24];
        half.read(target, 0, written, 24);
        float[] expected = new float[24];
        for (int i = 0; i < 6; i++) {
            expected[i / 3 * 8 + i % 3] = i + 1;
        }
        assertThat(written).isEqualTo(expected);
    }

    @Test
    void holdsFp32InTheFinestBitsThatReachAsFar() {
        assertThat(form(ElementType.FP32, Shape.of(1, 2), 1e-3f, -30_000).halfType(ModelType.AUTO))
                .isEqualTo(ElementType.FP16);
        assertThat(form(ElementType.FP32, Shape.of(1, 2), 1e-3f, -70_000).halfType(ModelType.AUTO))
                .isEqualTo(ElementType.BF16);
        assertThat(form(ElementType.BF16, Shape.of(1, 2), 1, 2).halfType(ModelType.AUTO))
                .isEqualTo(ElementType.BF16);
        assertThat(form(ElementType.FP16, Shape.of(1, 2), 1, 2).halfType(ModelType.AUTO))
                .isEqualTo(ElementType.FP16);
    }

    @Test
    void takesTheBitsThatAreAskedForOrRefuses() {
        WeightForm fine = form(ElementType.BF16, Shape.of(1, 2), 1e-3f, 30_000);
        WeightForm large = form(ElementType.FP32, Shape.of(1, 2), 1e-3f, -70_000);
        assertThat(fine.halfType(ModelType.FP16)).isEqualTo(ElementType.FP16);
        assertThat(fine.halfType(ModelType.BF16)).isEqualTo(ElementType.BF16);
        assertThat(large.halfType(ModelType.BF16)).isEqualTo(ElementType.BF16);
        assertThatThrownBy(() -> large.halfType(ModelType.FP16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too large for fp16")
                .hasMessageContaining("spark.pagedAttention.model.dtype is fp16: set it to bf16 or auto");
        assertThatThrownBy(() -> fine.halfType(ModelType.FP32)).hasMessageContaining("not in fp32");
    }

    @Test
    void refusesWhatIsNoWeight() {
        ByteBuffer bytes = ByteBuffer.allocate(12);
        assertThatThrownBy(() -> new WeightForm(ElementType.FP32, Shape.of(2, 2), bytes))
                .hasMessageContaining("12 bytes")
                .hasMessageContaining("[2, 2]");
        assertThatThrownBy(() -> new WeightForm(ElementType.FP32, Shape.of(1, 1, 3), bytes))
                .hasMessageContaining("[1, 1, 3]");
    }

    private static WeightForm form(ElementType type, Shape shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        type.write(values, values.length, bytes, 0);
        return new WeightForm(type, shape, bytes);
    }
}
