package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;
import static org.pagedattention.cpu.vector.Lanes.PAIR;

import jdk.incubator.vector.FloatVector;

/**
 * K·Qᵀ for one strip of queries: lanes are queries, keys are broadcast from where they lie. Scores come out transposed,
 * {@code [keys, PAIR]}, so that the softmax over keys needs no sum across lanes.
 */
final class ScoreBlocks {
    private ScoreBlocks() {}

    /**
     * @param queries transposed strip {@code [headDim, PAIR]} beginning at {@code q}
     * @param keys {@code [count, headDim]} beginning at {@code k}; up to three more rows are read, whatever they hold
     * @param scores written from 0 on, up to three rows more than {@code count}
     */
    static void multiply(float[] queries, int q, float[] keys, int k, int headDim, int count, float[] scores) {
        int end = Lanes.blockable(count);
        int key = 0;
        for (; (end - key) % 6 != 0; key += 4) {
            multiply4(queries, q, keys, k + key * headDim, headDim, scores, key * PAIR);
        }
        for (; key < end; key += 6) {
            multiply6(queries, q, keys, k + key * headDim, headDim, scores, key * PAIR);
        }
    }

    private static void multiply6(float[] queries, int q, float[] keys, int k, int headDim, float[] scores, int s) {
        FloatVector a0 = FloatVector.zero(FLOATS), b0 = a0;
        FloatVector a1 = a0, b1 = a0;
        FloatVector a2 = a0, b2 = a0;
        FloatVector a3 = a0, b3 = a0;
        FloatVector a4 = a0, b4 = a0;
        FloatVector a5 = a0, b5 = a0;
        for (int i = 0; i < headDim; i++) {
            FloatVector a = FloatVector.fromArray(FLOATS, queries, q + i * PAIR);
            FloatVector b = FloatVector.fromArray(FLOATS, queries, q + i * PAIR + COUNT);
            FloatVector key = FloatVector.broadcast(FLOATS, keys[k + i]);
            a0 = a.fma(key, a0);
            b0 = b.fma(key, b0);
            key = FloatVector.broadcast(FLOATS, keys[k + headDim + i]);
            a1 = a.fma(key, a1);
            b1 = b.fma(key, b1);
            key = FloatVector.broadcast(FLOATS, keys[k + 2 * headDim + i]);
            a2 = a.fma(key, a2);
            b2 = b.fma(key, b2);
            key = FloatVector.broadcast(FLOATS, keys[k + 3 * headDim + i]);
            a3 = a.fma(key, a3);
            b3 = b.fma(key, b3);
            key = FloatVector.broadcast(FLOATS, keys[k + 4 * headDim + i]);
            a4 = a.fma(key, a4);
            b4 = b.fma(key, b4);
            key = FloatVector.broadcast(FLOATS, keys[k + 5 * headDim + i]);
            a5 = a.fma(key, a5);
            b5 = b.fma(key, b5);
        }
        store(a0, b0, scores, s);
        store(a1, b1, scores, s + PAIR);
        store(a2, b2, scores, s + 2 * PAIR);
        store(a3, b3, scores, s + 3 * PAIR);
        store(a4, b4, scores, s + 4 * PAIR);
        store(a5, b5, scores, s + 5 * PAIR);
    }

    private static void multiply4(float[] queries, int q, float[] keys, int k, int headDim, float[] scores, int s) {
        FloatVector a0 = FloatVector.zero(FLOATS), b0 = a0;
        FloatVector a1 = a0, b1 = a0;
        FloatVector a2 = a0, b2 = a0;
        FloatVector a3 = a0, b3 = a0;
        for (int i = 0; i < headDim; i++) {
            FloatVector a = FloatVector.fromArray(FLOATS, queries, q + i * PAIR);
            FloatVector b = FloatVector.fromArray(FLOATS, queries, q + i * PAIR + COUNT);
            FloatVector key = FloatVector.broadcast(FLOATS, keys[k + i]);
            a0 = a.fma(key, a0);
            b0 = b.fma(key, b0);
            key = FloatVector.broadcast(FLOATS, keys[k + headDim + i]);
            a1 = a.fma(key, a1);
            b1 = b.fma(key, b1);
            key = FloatVector.broadcast(FLOATS, keys[k + 2 * headDim + i]);
            a2 = a.fma(key, a2);
            b2 = b.fma(key, b2);
            key = FloatVector.broadcast(FLOATS, keys[k + 3 * headDim + i]);
            a3 = a.fma(key, a3);
            b3 = b.fma(key, b3);
        }
        store(a0, b0, scores, s);
        store(a1, b1, scores, s + PAIR);
        store(a2, b2, scores, s + 2 * PAIR);
        store(a3, b3, scores, s + 3 * PAIR);
    }

    private static void store(FloatVector a, FloatVector b, float[] scores, int s) {
        a.intoArray(scores, s);
        b.intoArray(scores, s + COUNT);
    }
}
