package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;
import static org.pagedattention.cpu.vector.Lanes.PAIR;

import jdk.incubator.vector.FloatVector;

/** O = correction · O + P·V for one strip of queries: lanes are elements of a value, weights are broadcast. */
final class ValueBlocks {
    private ValueBlocks() {}

    /**
     * @param weights transposed, {@code [count, PAIR]}; behind them a row of corrections
     * @param values {@code [count, width]} beginning at {@code v}; {@code width} is a multiple of {@code PAIR}
     * @param output {@code [rows, width]} beginning at {@code o}; up to three rows more are touched
     */
    static void accumulate(
            float[] weights, int count, float[] values, int v, int width, float[] output, int o, int rows) {
        int end = Lanes.blockable(rows);
        int row = 0;
        for (; (end - row) % 6 != 0; row += 4) {
            for (int c = 0; c < width; c += PAIR) {
                accumulate4(weights, row, count, values, v + c, width, output, o + row * width + c);
            }
        }
        for (; row < end; row += 6) {
            for (int c = 0; c < width; c += PAIR) {
                accumulate6(weights, row, count, values, v + c, width, output, o + row * width + c);
            }
        }
    }

    private static void accumulate6(
            float[] weights, int row, int count, float[] values, int v, int width, float[] output, int o) {
        FloatVector a0 = FloatVector.zero(FLOATS), b0 = a0;
        FloatVector a1 = a0, b1 = a0;
        FloatVector a2 = a0, b2 = a0;
        FloatVector a3 = a0, b3 = a0;
        FloatVector a4 = a0, b4 = a0;
        FloatVector a5 = a0, b5 = a0;
        for (int j = 0; j < count; j++) {
            FloatVector a = FloatVector.fromArray(FLOATS, values, v + j * width);
            FloatVector b = FloatVector.fromArray(FLOATS, values, v + j * width + COUNT);
            int w = row + j * PAIR;
            FloatVector weight = FloatVector.broadcast(FLOATS, weights[w]);
            a0 = a.fma(weight, a0);
            b0 = b.fma(weight, b0);
            weight = FloatVector.broadcast(FLOATS, weights[w + 1]);
            a1 = a.fma(weight, a1);
            b1 = b.fma(weight, b1);
            weight = FloatVector.broadcast(FLOATS, weights[w + 2]);
            a2 = a.fma(weight, a2);
            b2 = b.fma(weight, b2);
            weight = FloatVector.broadcast(FLOATS, weights[w + 3]);
            a3 = a.fma(weight, a3);
            b3 = b.fma(weight, b3);
            weight = FloatVector.broadcast(FLOATS, weights[w + 4]);
            a4 = a.fma(weight, a4);
            b4 = b.fma(weight, b4);
            weight = FloatVector.broadcast(FLOATS, weights[w + 5]);
            a5 = a.fma(weight, a5);
            b5 = b.fma(weight, b5);
        }
        int w = row + count * PAIR;
        store(a0, b0, weights[w], output, o);
        store(a1, b1, weights[w + 1], output, o + width);
        store(a2, b2, weights[w + 2], output, o + 2 * width);
        store(a3, b3, weights[w + 3], output, o + 3 * width);
        store(a4, b4, weights[w + 4], output, o + 4 * width);
        store(a5, b5, weights[w + 5], output, o + 5 * width);
    }

    private static void accumulate4(
            float[] weights, int row, int count, float[] values, int v, int width, float[] output, int o) {
        FloatVector a0 = FloatVector.zero(FLOATS), b0 = a0;
        FloatVector a1 = a0, b1 = a0;
        FloatVector a2 = a0, b2 = a0;
        FloatVector a3 = a0, b3 = a0;
        for (int j = 0; j < count; j++) {
            FloatVector a = FloatVector.fromArray(FLOATS, values, v + j * width);
            FloatVector b = FloatVector.fromArray(FLOATS, values, v + j * width + COUNT);
            int w = row + j * PAIR;
            FloatVector weight = FloatVector.broadcast(FLOATS, weights[w]);
            a0 = a.fma(weight, a0);
            b0 = b.fma(weight, b0);
            weight = FloatVector.broadcast(FLOATS, weights[w + 1]);
            a1 = a.fma(weight, a1);
            b1 = b.fma(weight, b1);
            weight = FloatVector.broadcast(FLOATS, weights[w + 2]);
            a2 = a.fma(weight, a2);
            b2 = b.fma(weight, b2);
            weight = FloatVector.broadcast(FLOATS, weights[w + 3]);
            a3 = a.fma(weight, a3);
            b3 = b.fma(weight, b3);
        }
        int w = row + count * PAIR;
        store(a0, b0, weights[w], output, o);
        store(a1, b1, weights[w + 1], output, o + width);
        store(a2, b2, weights[w + 2], output, o + 2 * width);
        store(a3, b3, weights[w + 3], output, o + 3 * width);
    }

    private static void store(FloatVector a, FloatVector b, float correction, float[] output, int o) {
        FloatVector factor = FloatVector.broadcast(FLOATS, correction);
        FloatVector.fromArray(FLOATS, output, o).fma(factor, a).intoArray(output, o);
        FloatVector.fromArray(FLOATS, output, o + COUNT).fma(factor, b).intoArray(output, o + COUNT);
    }
}
