package org.pagedattention.tensor;

/**
 * 16-bit floating point on Java 17: IEEE 754 binary16 (fp16) and bfloat16 (bf16), rounded to nearest, ties to even.
 * NaN stays NaN, overflow becomes infinity, fp16 subnormals are kept.
 */
public final class HalfFloats {
    private static final int FP32_INFINITY = 0x7f800000;
    private static final int FP16_INFINITY = 0x7c00;
    /** Smallest fp32 bits that round to fp16 infinity: 65520. */
    private static final int FP16_OVERFLOW = 0x477ff000;
    /** fp32 bits of 2^-14, the smallest normal fp16. */
    private static final int FP16_MIN_NORMAL = 0x38800000;
    /** What turns the fp32 exponent bias (127) into that of fp16 (15), in place. */
    private static final int REBIAS = (127 - 15) << 23;

    private static final float TWO_POW_24 = 0x1p24f;

    private HalfFloats() {}

    /** Widens fp16 bits; exact. */
    public static float fromFp16(short half) {
        int sign = (half & 0x8000) << 16;
        int magnitude = half & 0x7fff;
        int bits;
        if (magnitude >= FP16_INFINITY) {
            bits = FP32_INFINITY | (magnitude & 0x3ff) << 13;
        } else if (magnitude >= 0x400) {
            bits = (magnitude << 13) + REBIAS;
        } else {
            bits = Float.floatToRawIntBits(magnitude / TWO_POW_24);
        }
        return Float.intBitsToFloat(sign | bits);
    }

    /** Rounds to fp16 bits. */
    public static short toFp16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        int half;
        if (magnitude > FP32_INFINITY) {
            half = FP16_INFINITY | 0x200;
        } else if (magnitude >= FP16_OVERFLOW) {
            half = FP16_INFINITY;
        } else if (magnitude >= FP16_MIN_NORMAL) {
            half = roundOff13(magnitude - REBIAS);
        } else {
            // a subnormal counts 2^-24ths; rint rounds to nearest even, and 0x400 of them are the smallest normal
            half = (int) Math.rint((double) Float.intBitsToFloat(magnitude) * TWO_POW_24);
        }
        return (short) (sign | half);
    }

    private static int roundOff13(int bits) {
        return (bits + 0xfff + (bits >>> 13 & 1)) >>> 13;
    }

    /** Widens bf16 bits; exact. */
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds to bf16 bits. */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > FP32_INFINITY) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
