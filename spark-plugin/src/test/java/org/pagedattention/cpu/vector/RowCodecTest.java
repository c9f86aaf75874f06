package org.pagedattention.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.tensor.ElementType;

/** Holds the vector conversions to {@link ElementType}'s, bit by bit. */
class RowCodecTest {

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void widensEveryHalf(ElementType type) {
        int all = 1 << 16;
        ByteBuffer source = buffer(all * 2);
        for (int i = 0; i < all; i++) {
            source.putShort(2 * i, (short) i);
        }
        float[] wide = new float[all];
        RowCodec.of(type).read(source, 0, all / 16, wide, 0, all / 16, 16, all / 16, 1);
        for (int i = 0; i < all; i++) {
            assertSame(type.get(source, 2 * i), wide[i]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void roundsAsElementsDo(ElementType type) {
        Random random = new Random(3);
        float[] values = new float[1 << 16];
        for (int i = 0; i < values.length; i++) {
            // halves of every magnitude, moved a little to either side or not at all: ties and their neighbours
            float half = type.round(Float.intBitsToFloat(random.nextInt()));
            float tie = (float) (half * (1 + 0x1p-11 * random.nextInt(3) + 0x1p-8 * random.nextInt(2)));
            values[i] = Math.nextAfter(tie, random.nextInt(3) - 1);
            if (Float.isNaN(values[i])) {
                values[i] = 65520 - (random.nextInt(3) - 1) * 0x1p-8f;
            }
        }
        ByteBuffer expected = buffer(values.length * type.bytes());
        for (int i = 0; i < values.length; i++) {
            type.put(expected, i * type.bytes(), values[i]);
        }
        ByteBuffer target = buffer(values.length * type.bytes());
        RowCodec.of(type).write(values, 0, values.length, 1, target, 0);
        for (int i = 0; i < values.length; i++) {
            float actual = type.get(target, i * type.bytes());
            assertThat(actual).as("%s", values[i]).isEqualTo(type.get(expected, i * type.bytes()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void movesRowsOfAnyLength(ElementType type) {
        for (int count = 1; count < 5 * Lanes.COUNT; count++) {
            ByteBuffer source = buffer(3 * 100 * type.bytes());
            for (int i = 0; i < 300; i++) {
                type.put(source, i * type.bytes(), i);
            }
            float[] wide = new float[3 * 128];
            RowCodec.of(type).read(source, 2, 100, wide, 1, 128, 2, count, 0.5f);
            ByteBuffer back = buffer(300 * type.bytes());
            RowCodec.of(type).write(wide, 129, count, 2, back, 5);
            for (int i = 0; i < 128; i++) {
                float expected = i >= 1 && i <= count ? type.round(101 + i) : 0;
                assertThat(wide[128 + i]).isEqualTo(expected / 2);
                assertThat(type.get(back, (4 + i) * type.bytes())).isEqualTo(expected);
            }
        }
    }

    private static void assertSame(float expected, float actual) {
        if (!Float.isNaN(expected) || !Float.isNaN(actual)) {
            assertThat(Float.floatToRawIntBits(actual)).isEqualTo(Float.floatToRawIntBits(expected));
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void turnsOverflowIntoInfinity() {
        float[] values = new float[Lanes.COUNT];
        values[0] = 65520;
        values[1] = -1e38f;
        ByteBuffer target = buffer(2 * Lanes.COUNT);
        RowCodec.of(ElementType.FP16).write(values, 0, Lanes.COUNT, 1, target, 0);
        assertThat(ElementType.FP16.get(target, 0)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ElementType.FP16.get(target, 2)).isEqualTo(Float.NEGATIVE_INFINITY);
    }
}
