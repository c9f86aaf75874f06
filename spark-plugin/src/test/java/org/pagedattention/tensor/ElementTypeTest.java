package org.pagedattention.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementTypeTest {

    @ParameterizedTest
    @EnumSource
    void findsOneValueThatIsNotFiniteWhereverItIs(ElementType type) {
        float[] culprits = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (int count : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 2047, 2048, 2049, 5000}) {
            ByteBuffer buffer = extremes(type, count);
            assertThat(type.allFinite(buffer, 1, count)).as("%d finite", count).isTrue();
            for (int i = 0; i < count; i += 1 + count / 37) {
                int at = 1 + i * type.bytes();
                float before = type.get(buffer, at);
                type.put(buffer, at, culprits[i % culprits.length]);
                assertThat(type.allFinite(buffer, 1, count))
                        .as("%d of %d", i, count)
                        .isFalse();
                type.put(buffer, at, before);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void looksAtNoElementBesidesItsOwn(ElementType type) {
        ByteBuffer buffer = extremes(type, 40);
        type.put(buffer, 1, Float.NaN);
        type.put(buffer, 1 + 39 * type.bytes(), Float.NaN);
        assertThat(type.allFinite(buffer, 1 + type.bytes(), 38)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void findsEveryNumberThatReachesAPowerOfTwo(ElementType type) {
        for (int exponent : new int[] {-14, -3, 0, 1, 10, 15}) {
            float limit = Math.scalb(1f, exponent);
            ByteBuffer buffer = ByteBuffer.allocate(1 + 41 * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            float below = -type.round(limit * (1 - 0x1p-8f));
            for (int i = 0; i < 41; i++) {
                type.put(buffer, 1 + i * type.bytes(), below);
            }
            assertThat(type.allBelow(exponent, buffer, 1, 41)).isTrue();
            for (int at : new int[] {0, 3, 17, 38, 39, 40}) {
                for (float reaches : new float[] {limit, -limit, type.largest(), Float.NaN, Float.NEGATIVE_INFINITY}) {
                    type.put(buffer, 1 + at * type.bytes(), reaches);
                    assertThat(type.allBelow(exponent, buffer, 1, 41))
                            .as("%s of %s at %d", reaches, type, at)
                            .isFalse();
                }
                type.put(buffer, 1 + at * type.bytes(), below);
            }
        }
        assertThat(type.allBelow(-1000, ByteBuffer.allocate(64), 0, 8)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatItWrote(ElementType type) {
        ByteBuffer buffer = extremes(type, 300);
        float[] values = new float[300];
        type.read(buffer, 1, values, 300);
        ByteBuffer copy = ByteBuffer.allocate(buffer.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        type.write(values, 300, copy, 1);
        assertThat(copy).isEqualTo(buffer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp8", "FP16", "float", ""})
    void refusesNamesItDoesNotKnow(String name) {
        assertThatThrownBy(() -> ElementType.parse(name)).hasMessageContaining("use fp16, bf16 or fp32");
    }

    @Test
    void knowsItsNames() {
        for (ElementType type : ElementType.values()) {
            assertThat(ElementType.parse(type.label())).isEqualTo(type);
        }
    }

    /** Finite values of all magnitudes, the largest among them, at an odd address. */
    private static ByteBuffer extremes(ElementType type, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(1 + count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            float value = switch (i % 4) {
                case 0 -> type.largest();
                case 1 -> -type.largest();
                case 2 -> (float) random.nextGaussian();
                default -> -0f;
            };
            type.put(buffer, 1 + i * type.bytes(), value);
        }
        return buffer;
    }
}
