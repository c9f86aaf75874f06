package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.pagedattention.attention.ElementType;

/** Finds NaN and infinities among 16-bit floats, four at a time. */
final class NonFinite {
    private static final long LANES = 0x0001_0001_0001_0001L;
    private static final long CARRY = 0x8000_8000_8000_8000L;

    private static final int CHUNK = 2048;

    private NonFinite() {}

    /** Whether any of the elements in bytes {@code from} to {@code to} of a little-endian buffer is not finite. */
    static boolean any(ByteBuffer buffer, int from, int to, ElementType type) {
        long exponent = exponentMask(type) * LANES;
        // adding the exponent's lowest bit carries into the sign's place exactly when all exponent bits are set
        long one = (exponentMask(type) & -exponentMask(type)) * LANES;
        int words = (to - from) / Long.BYTES;
        LongBuffer rest =
                buffer.slice(from, words * Long.BYTES).order(buffer.order()).asLongBuffer();
        // an array on the heap is what the compiler turns into vector code
        long[] chunk = new long[Math.min(CHUNK, words)];
        long carries = 0;
        while (rest.hasRemaining() && (carries & CARRY) == 0) {
            int count = Math.min(chunk.length, rest.remaining());
            rest.get(chunk, 0, count);
            carries = carries(chunk, count, exponent, one);
        }
        for (int at = from + words * Long.BYTES; at < to; at += Short.BYTES) {
            carries |= (buffer.getShort(at) & exponentMask(type)) + (one & 0xffff);
        }
        return (carries & CARRY) != 0;
    }

    private static long carries(long[] words, int count, long exponent, long one) {
        long carries = 0;
        for (int i = 0; i < count; i++) {
            carries |= (words[i] & exponent) + one;
        }
        return carries;
    }

    private static long exponentMask(ElementType type) {
        return switch (type) {
            case FP16 -> 0x7c00;
            case BF16 -> 0x7f80;
            case FP32 -> throw new IllegalArgumentException("fp32 is not a 16-bit type");
        };
    }
}
