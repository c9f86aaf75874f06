package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;
import static org.pagedattention.cpu.vector.Lanes.PAIR;

import jdk.incubator.vector.FloatVector;

/**
 * One block of a linear layer: six rows by two vectors of columns, which stay in registers for the whole sum. One method
 * without a branch in its loop serves all blocks: the compiler may never meet a second kind and make worse code for both.
 */
final class DenseBlocks {
    /** Rows of a block. */
    static final int ROWS = 6;
    /** Inputs that are taken together: with two, Java's compiler does not always inline all of the loop. */
    static final int INPUTS = 1;

    private DenseBlocks() {}

    /**
     * Writes a block's sums.
     *
     * @param panel {@code [in, PAIR]} beginning at {@code p}
     * @param rows {@code ROWS} times {@code in} numbers beginning at {@code r0}, {@code depth} apart
     * @param in a multiple of {@code INPUTS}
     * @param sums {@code [ROWS, PAIR]} beginning at {@code o}
     */
    static void multiply(float[] panel, int p, float[] rows, int r0, int depth, int in, float[] sums, int o) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector x;
        FloatVector a0 = a, a1 = a, a2 = a, a3 = a, a4 = a, a5 = a;
        FloatVector b0 = b, b1 = b, b2 = b, b3 = b, b4 = b, b5 = b;
        int r1 = r0 + depth;
        int r2 = r1 + depth;
        int r3 = r2 + depth;
        int r4 = r3 + depth;
        int r5 = r4 + depth;
        for (int i = 0; i < in; i += INPUTS) {
            a = FloatVector.fromArray(FLOATS, panel, p + i * PAIR);
            b = FloatVector.fromArray(FLOATS, panel, p + i * PAIR + COUNT);
            x = FloatVector.broadcast(FLOATS, rows[r0 + i]);
            a0 = x.fma(a, a0);
            b0 = x.fma(b, b0);
            x = FloatVector.broadcast(FLOATS, rows[r1 + i]);
            a1 = x.fma(a, a1);
            b1 = x.fma(b, b1);
            x = FloatVector.broadcast(FLOATS, rows[r2 + i]);
            a2 = x.fma(a, a2);
            b2 = x.fma(b, b2);
            x = FloatVector.broadcast(FLOATS, rows[r3 + i]);
            a3 = x.fma(a, a3);
            b3 = x.fma(b, b3);
            x = FloatVector.broadcast(FLOATS, rows[r4 + i]);
            a4 = x.fma(a, a4);
            b4 = x.fma(b, b4);
            x = FloatVector.broadcast(FLOATS, rows[r5 + i]);
            a5 = x.fma(a, a5);
            b5 = x.fma(b, b5);
        }
        store(a0, b0, sums, o);
        store(a1, b1, sums, o + PAIR);
        store(a2, b2, sums, o + 2 * PAIR);
        store(a3, b3, sums, o + 3 * PAIR);
        store(a4, b4, sums, o + 4 * PAIR);
        store(a5, b5, sums, o + 5 * PAIR);
    }

    private static void store(FloatVector a, FloatVector b, float[] sums, int o) {
        a.intoArray(sums, o);
        b.intoArray(sums, o + COUNT);
    }

    /** Adds a block to another of the same array. */
    static void add(float[] sums, int from, int to) {
        for (int i = 0; i < ROWS * PAIR; i += COUNT) {
            FloatVector.fromArray(FLOATS, sums, to + i)
                    .add(FloatVector.fromArray(FLOATS, sums, from + i))
                    .intoArray(sums, to + i);
        }
    }
}
