package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;
import static org.pagedattention.cpu.vector.Lanes.PAIR;

import jdk.incubator.vector.FloatVector;

/** One step of the softmax over keys for a strip of queries, to base 2. */
final class OnlineSoftmax {
    /** The maximum before any key: finite, so that nothing is ever subtracted from an equal infinity. */
    static final float NO_MAXIMUM = -Float.MAX_VALUE;

    private OnlineSoftmax() {}

    /**
     * Turns scores into weights and brings the running maxima and sums of the strip, at {@code at}, up to date. The row
     * behind the weights receives what earlier sums must be multiplied with.
     *
     * @param scores {@code [count + 1, PAIR]}; -infinity where masked
     */
    static void update(float[] scores, int count, float[] maxima, float[] sums, int at) {
        // an earlier maximum's weight is the correction, so it goes through the exponential like a score
        System.arraycopy(maxima, at, scores, count * PAIR, PAIR);
        for (int lane = 0; lane < PAIR; lane += COUNT) {
            raise(maxima, at + lane, scores, lane, count);
            Exp2.replace(scores, lane, PAIR, count + 1, maxima, at + lane);
            add(sums, at + lane, scores, lane, count);
        }
    }

    private static void raise(float[] maxima, int m, float[] scores, int lane, int count) {
        // four chains, because the latency of max is many times its throughput
        FloatVector m0 = FloatVector.fromArray(FLOATS, maxima, m);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        int rounds = count / 4;
        for (int j = 0; j < rounds; j++) {
            int s = lane + j * 4 * PAIR;
            m0 = m0.max(FloatVector.fromArray(FLOATS, scores, s));
            m1 = m1.max(FloatVector.fromArray(FLOATS, scores, s + PAIR));
            m2 = m2.max(FloatVector.fromArray(FLOATS, scores, s + 2 * PAIR));
            m3 = m3.max(FloatVector.fromArray(FLOATS, scores, s + 3 * PAIR));
        }
        for (int j = rounds * 4; j < count; j++) {
            m0 = m0.max(FloatVector.fromArray(FLOATS, scores, lane + j * PAIR));
        }
        m0.max(m1).max(m2.max(m3)).intoArray(maxima, m);
    }

    private static void add(float[] sums, int at, float[] weights, int lane, int count) {
        FloatVector correction = FloatVector.fromArray(FLOATS, weights, lane + count * PAIR);
        FloatVector a = FloatVector.fromArray(FLOATS, sums, at).mul(correction);
        FloatVector b = FloatVector.zero(FLOATS);
        int rounds = count / 2;
        for (int j = 0; j < rounds; j++) {
            int w = lane + j * 2 * PAIR;
            a = a.add(FloatVector.fromArray(FLOATS, weights, w));
            b = b.add(FloatVector.fromArray(FLOATS, weights, w + PAIR));
        }
        if (count % 2 != 0) {
            a = a.add(FloatVector.fromArray(FLOATS, weights, lane + (count - 1) * PAIR));
        }
        a.add(b).intoArray(sums, at);
    }
}
