package org.pagedattention.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Looks for large numbers, NaN and infinities, many elements at a time: to the exponent bits it adds what the smallest
 * such number lacks to the sign's place, so that all of them carry into it.
 *
 * @param exponents the exponent bits of the elements in a long
 * @param rest what is added to each
 * @param signs the sign bit of each
 */
record MagnitudeScan(long exponents, long rest, long signs) {
    /** Longs that fit the first-level cache together with what is made of them. */
    private static final int BLOCK = 256;

    private static final int BLOCK_BYTES = BLOCK * Long.BYTES;

    /**
     * A scan of elements of a type.
     *
     * @param bytes width of an element, 2 or 4
     * @param exponentBits its exponent bits
     * @param limit exponent bits of the smallest number to look for
     */
    static MagnitudeScan of(int bytes, int exponentBits, int limit) {
        long everyElement = bytes == Short.BYTES ? 0x0001_0001_0001_0001L : 0x0000_0001_0000_0001L;
        long sign = 1L << (Byte.SIZE * bytes - 1);
        return new MagnitudeScan(everyElement * exponentBits, everyElement * (sign - limit), everyElement * sign);
    }

    /** Whether the whole longs in bytes {@code from} to {@code to} of a little-endian buffer hold smaller numbers only. */
    boolean allBelow(ByteBuffer buffer, int from, int to) {
        int blocks = (to - from) / BLOCK_BYTES;
        int at = from + blocks * BLOCK_BYTES;
        long carries = blocks == 0 ? 0 : carries(longs(buffer, from, at));
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            carries |= (buffer.getLong(at) & exponents) + rest;
        }
        return (carries & signs) == 0;
    }

    private static LongBuffer longs(ByteBuffer buffer, int from, int to) {
        return buffer.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    }

    /** Whole blocks, copied into an array each: that plus vector code is faster than reading the buffer one by one. */
    private long carries(LongBuffer longs) {
        long[] block = new long[BLOCK];
        long[] carries = new long[BLOCK];
        while (longs.hasRemaining()) {
            longs.get(block);
            addCarries(block, exponents, rest, carries);
        }
        long all = 0;
        for (long carry : carries) {
            all |= carry;
        }
        return all;
    }

    /** One array into the other, because a sum over all would keep the loop from vector code. */
    private static void addCarries(long[] block, long exponents, long rest, long[] carries) {
        for (int i = 0; i < block.length; i++) {
            carries[i] |= (block[i] & exponents) + rest;
        }
    }
}
