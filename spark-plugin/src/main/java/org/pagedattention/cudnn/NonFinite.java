package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import org.pagedattention.attention.ElementType;

/** Finds NaN and infinities among 16-bit floats, many at a time. */
final class NonFinite {
    private static final long LANES = 0x0001_0001_0001_0001L;
    private static final long CARRY = 0x8000_8000_8000_8000L;

    /** Longs that fit the first-level cache together with what is made of them. */
    private static final int BLOCK = 256;

    private static final int BLOCK_BYTES = BLOCK * Long.BYTES;

    private NonFinite() {}

    /** Whether any of the elements in bytes {@code from} to {@code to} of a little-endian buffer is not finite. */
    static boolean any(ByteBuffer buffer, int from, int to, ElementType type) {
        long exponent = exponentMask(type) * LANES;
        // adding the exponent's lowest bit carries into the sign's place exactly when all exponent bits are set
        long one = (exponentMask(type) & -exponentMask(type)) * LANES;
        int blocks = (to - from) / BLOCK_BYTES;
        int at = from + blocks * BLOCK_BYTES;
        long carries = blocks == 0 ? 0 : carries(longs(buffer, from, at), exponent, one);
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            carries |= (buffer.getLong(at) & exponent) + one;
        }
        for (; at < to; at += Short.BYTES) {
            carries |= (buffer.getShort(at) & exponentMask(type)) + (one & 0xffff);
        }
        return (carries & CARRY) != 0;
    }

    private static LongBuffer longs(ByteBuffer buffer, int from, int to) {
        return buffer.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    }

    /** Whole blocks, copied into an array each: that plus vector code is faster than reading the buffer one by one. */
    private static long carries(LongBuffer longs, long exponent, long one) {
        long[] block = new long[BLOCK];
        long[] carries = new long[BLOCK];
        while (longs.hasRemaining()) {
            longs.get(block);
            addCarries(block, exponent, one, carries);
        }
        long all = 0;
        for (long carry : carries) {
            all |= carry;
        }
        return all;
    }

    /** One array into the other, because a sum over all would keep the loop from vector code. */
    private static void addCarries(long[] block, long exponent, long one, long[] carries) {
        for (int i = 0; i < block.length; i++) {
            carries[i] |= (block[i] & exponent) + one;
        }
    }

    private static long exponentMask(ElementType type) {
        return switch (type) {
            case FP16 -> 0x7c00;
            case BF16 -> 0x7f80;
            case FP32 -> throw new IllegalArgumentException("fp32 is not a 16-bit type");
        };
    }
}
