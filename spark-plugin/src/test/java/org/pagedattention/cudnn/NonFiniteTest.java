package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.attention.ElementType;

class NonFiniteTest {
    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void agreesWithEveryBitPattern(ElementType type) {
        ByteBuffer buffer = buffer(8);
        for (int bits = 0; bits < 1 << 16; bits++) {
            for (int lane = 0; lane < 4; lane++) {
                buffer.putLong(0, 0);
                buffer.putShort(2 * lane, (short) bits);
                boolean finite = Float.isFinite(type.get(buffer, 2 * lane));
                assertThat(NonFinite.any(buffer, 0, 8, type))
                        .as("%s bits %x in lane %d", type, bits, lane)
                        .isEqualTo(!finite);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void looksAtItsRangeOnly(ElementType type) {
        ByteBuffer buffer = buffer(64);
        type.put(buffer, 20, Float.NaN);
        assertThat(NonFinite.any(buffer, 0, 20, type)).isFalse();
        assertThat(NonFinite.any(buffer, 22, 64, type)).isFalse();
        for (int from = 0; from <= 20; from += 2) {
            for (int to = 22; to <= 64; to += 2) {
                assertThat(NonFinite.any(buffer, from, to, type)).isTrue();
            }
        }
        assertThat(NonFinite.any(buffer, 20, 20, type)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void seesEveryElementOfALongRange(ElementType type) {
        int bytes = 2 * 2048 + 14;
        ByteBuffer buffer = buffer(bytes + 4);
        type.put(buffer, 0, Float.NaN);
        type.put(buffer, bytes + 2, Float.NaN);
        assertThat(NonFinite.any(buffer, 2, bytes + 2, type)).isFalse();
        for (int at = 2; at < bytes + 2; at += 2) {
            type.put(buffer, at, Float.NEGATIVE_INFINITY);
            assertThat(NonFinite.any(buffer, 2, bytes + 2, type))
                    .as("at %d", at)
                    .isTrue();
            type.put(buffer, at, 65504);
        }
        assertThat(NonFinite.any(buffer, 2, bytes + 2, type)).isFalse();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
