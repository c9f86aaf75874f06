package org.pagedattention.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfFloatsTest {

    @Test
    void everyFp16SurvivesTheWayThroughFp32() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float wide = HalfFloats.fromFp16((short) bits);
            if (Float.isNaN(wide)) {
                assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(wide))).isNaN();
            } else {
                assertThat(HalfFloats.toFp16(wide)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void everyBf16SurvivesTheWayThroughFp32() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float wide = HalfFloats.fromBf16((short) bits);
            if (Float.isNaN(wide)) {
                assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(wide))).isNaN();
            } else {
                assertThat(HalfFloats.toBf16(wide)).isEqualTo((short) bits);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x1p0, 3c00", // one
        "-0x1p0, bc00",
        "-0x0p0, 8000",
        "0x1p-24, 0001", // smallest subnormal
        "0x1p-25, 0000", // half of it: a tie, to even
        "0x1.8p-24, 0002", // a tie between 1 and 2, to even
        "0x1.000002p-25, 0001", // just above the tie
        "0x1.ff8p-15, 03ff", // largest subnormal
        "0x1.ffcp-15, 0400", // a tie between it and the smallest normal
        "0x1p-14, 0400",
        "0x1.002p0, 3c00", // a tie, to even
        "0x1.006p0, 3c02", // a tie, to even
        "65504, 7bff",
        "65519.996, 7bff",
        "65520, 7c00",
        "3e38, 7c00",
        "-3e38, fc00",
        "Infinity, 7c00",
        "-Infinity, fc00"
    })
    void roundsToFp16(float value, String bits) {
        assertThat(String.format("%04x", HalfFloats.toFp16(value) & 0xffff)).isEqualTo(bits);
    }

    @ParameterizedTest
    @CsvSource({
        "0x1p0, 3f80",
        "0x1.01p0, 3f80", // a tie, to even
        "0x1.03p0, 3f82", // a tie, to even
        "0x1.010002p0, 3f81",
        "0x1p-149, 0000",
        "0x1p-133, 0001", // smallest subnormal
        "3.4028235e38, 7f80", // rounds up to infinity
        "-Infinity, ff80"
    })
    void roundsToBf16(float value, String bits) {
        assertThat(String.format("%04x", HalfFloats.toBf16(value) & 0xffff)).isEqualTo(bits);
    }

    @Test
    void nanStaysNan() {
        for (int bits : new int[] {0x7f800001, 0x7fc00000, 0xffffffff, 0x7fffffff}) {
            float nan = Float.intBitsToFloat(bits);
            assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(nan))).isNaN();
            assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(nan))).isNaN();
        }
    }

    @Test
    void noOtherFp16IsNearer() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (Math.abs(value) < 65504) {
                short half = HalfFloats.toFp16(value);
                assertNearest(value, half, (short) (half - 1));
                assertNearest(value, half, (short) (half + 1));
            }
        }
    }

    private static void assertNearest(float value, short chosen, short other) {
        float neighbour = HalfFloats.fromFp16(other);
        if (Float.isFinite(neighbour)) {
            assertThat(distance(value, HalfFloats.fromFp16(chosen))).isLessThanOrEqualTo(distance(value, neighbour));
        }
    }

    private static BigDecimal distance(float a, float b) {
        return new BigDecimal(a).subtract(new BigDecimal(b)).abs();
    }
}
