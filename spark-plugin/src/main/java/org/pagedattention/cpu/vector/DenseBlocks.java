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

    private DenseBlocks() {}

    /**
     * @param panel {@code [in, PAIR]} beginning at {@code p}
     * @param rows {@code [in, ROWS]} beginning at {@code r}: side by side they need one address, not six
     * @param y written, {@code [ROWS, PAIR]} beginning at {@code o}
     */
    static void multiply(float[] panel, int p, float[] rows, int r, int in, float[] y, int o) {
        FloatVector a0 = FloatVector.zero(FLOATS), b0 = a0;
        FloatVector a1 = a0, b1 = a0;
        FloatVector a2 = a0, b2 = a0;
        FloatVector a3 = a0, b3 = a0;
        FloatVector a4 = a0, b4 = a0;
        FloatVector a5 = a0, b5 = a0;
        for (int i = 0; i < in; i++) {
            FloatVector a = FloatVector.fromArray(FLOATS, panel, p + i * PAIR);
            FloatVector b = FloatVector.fromArray(FLOATS, panel, p + i * PAIR + COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, rows[r + i * ROWS]);
            a0 = x.fma(a, a0);
            b0 = x.fma(b, b0);
            x = FloatVector.broadcast(FLOATS, rows[r + i * ROWS + 1]);
            a1 = x.fma(a, a1);
            b1 = x.fma(b, b1);
            x = FloatVector.broadcast(FLOATS, rows[r + i * ROWS + 2]);
            a2 = x.fma(a, a2);
            b2 = x.fma(b, b2);
            x = FloatVector.broadcast(FLOATS, rows[r + i * ROWS + 3]);
            a3 = x.fma(a, a3);
            b3 = x.fma(b, b3);
            x = FloatVector.broadcast(FLOATS, rows[r + i * ROWS + 4]);
            a4 = x.fma(a, a4);
            b4 = x.fma(b, b4);
            x = FloatVector.broadcast(FLOATS, rows[r + i * ROWS + 5]);
            a5 = x.fma(a, a5);
            b5 = x.fma(b, b5);
        }
        store(a0, b0, y, o);
        store(a1, b1, y, o + PAIR);
        store(a2, b2, y, o + 2 * PAIR);
        store(a3, b3, y, o + 3 * PAIR);
        store(a4, b4, y, o + 4 * PAIR);
        store(a5, b5, y, o + 5 * PAIR);
    }

    private static void store(FloatVector a, FloatVector b, float[] y, int o) {
        a.intoArray(y, o);
        b.intoArray(y, o + COUNT);
    }
}
