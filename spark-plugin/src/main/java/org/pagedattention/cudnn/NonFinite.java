package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import org.pagedattention.attention.ElementType;

/** Finds NaN and infinities among 16-bit floats, four at a time. */
final class NonFinite {
    private static final long LANES = 0x0001_0001_0001_0001L;
    private static final long CARRY = 0x8000_8000_8000_8000L;

    private NonFinite() {}

    /** Whether any of the elements in bytes {@code from} to {@code to} of a little-endian buffer is not finite. */
    static boolean any(ByteBuffer buffer, int from, int to, ElementType type) {
        long exponent = exponentMask(type) * LANES;
        // adding the exponent's lowest bit carries into the sign's place exactly when all exponent bits are set
        long one = (exponentMask(type) & -exponentMask(type)) * LANES;
        int at = from;
        long carries = 0;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            carries |= (buffer.getLong(at) & exponent) + one;
        }
        for (; at < to; at += Short.BYTES) {
            carries |= (buffer.getShort(at) & exponentMask(type)) + (one & 0xffff);
        }
        return (carries & CARRY) != 0;
    }

    private static long exponentMask(ElementType type) {
        return switch (type) {
            case FP16 -> 0x7c00;
            case BF16 -> 0x7f80;
            case FP32 -> throw new IllegalArgumentException("fp32 is not a 16-bit type");
        };
    }
}
