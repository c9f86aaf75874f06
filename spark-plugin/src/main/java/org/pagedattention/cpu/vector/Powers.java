package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The parts of a softmax over a long row. */
final class Powers {
    private static final float LOG2_E = (float) (1 / Math.log(2));

    private Powers() {}

    /** The largest of some numbers; NaN when there is one. */
    static float largest(float[] values, int from, int count) {
        FloatVector most = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = from;
        int end = from + count;
        for (; i <= end - COUNT; i += COUNT) {
            most = most.max(FloatVector.fromArray(FLOATS, values, i));
        }
        float largest = most.reduceLanes(VectorOperators.MAX);
        for (; i < end; i++) {
            largest = Math.max(largest, values[i]);
        }
        return largest;
    }

    /** The sum of powers of e, which take the place of their exponents; {@code most} is taken off each exponent first. */
    static double sum(float[] values, int from, int count, float most) {
        int whole = count / COUNT * COUNT;
        for (int i = from; i < from + whole; i += COUNT) {
            FloatVector.fromArray(FLOATS, values, i).sub(most).mul(LOG2_E).intoArray(values, i);
        }
        Exp2.replace(values, from, COUNT, whole / COUNT, new float[COUNT], 0);
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int i = from; i < from + whole; i += COUNT) {
            sums = sums.add(FloatVector.fromArray(FLOATS, values, i));
        }
        double sum = 0;
        for (int lane = 0; lane < COUNT; lane++) {
            sum += sums.lane(lane);
        }
        for (int i = from + whole; i < from + count; i++) {
            sum += Math.exp(values[i] - most);
        }
        return sum;
    }
}
