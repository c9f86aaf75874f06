package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * What a norm does with one row. Sums run in two vectors side by side, and their lanes are added one after the other, in
 * double precision: a reduction of a vector may take any order, and another one once the method is compiled.
 */
final class Norms {
    private Norms() {}

    /** @param lanes room for two vectors */
    static float mean(float[] values, int from, int count, float[] lanes) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        int i = from;
        int end = from + count;
        for (; i <= end - 2 * COUNT; i += 2 * COUNT) {
            a = a.add(FloatVector.fromArray(FLOATS, values, i));
            b = b.add(FloatVector.fromArray(FLOATS, values, i + COUNT));
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, COUNT);
        double sum = sum(lanes);
        for (; i < end; i++) {
            sum += values[i];
        }
        return (float) (sum / count);
    }

    /** The sum of squared distances from {@code mean}. */
    static double squares(float[] values, int from, int count, float mean, float[] lanes) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        int i = from;
        int end = from + count;
        for (; i <= end - 2 * COUNT; i += 2 * COUNT) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i).sub(mean);
            a = x.fma(x, a);
            x = FloatVector.fromArray(FLOATS, values, i + COUNT).sub(mean);
            b = x.fma(x, b);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, COUNT);
        double sum = sum(lanes);
        for (; i < end; i++) {
            sum += (double) (values[i] - mean) * (values[i] - mean);
        }
        return sum;
    }

    private static double sum(float[] lanes) {
        double sum = 0;
        for (float lane : lanes) {
            sum += lane;
        }
        return sum;
    }

    /** (x - mean) · factor · gain + bias. */
    static void scale(float[] values, int from, float mean, float factor, float[] gain, float[] bias) {
        int i = 0;
        for (; i <= gain.length - COUNT; i += COUNT) {
            FloatVector.fromArray(FLOATS, values, from + i)
                    .sub(mean)
                    .mul(factor)
                    .fma(FloatVector.fromArray(FLOATS, gain, i), FloatVector.fromArray(FLOATS, bias, i))
                    .intoArray(values, from + i);
        }
        for (; i < gain.length; i++) {
            values[from + i] = Math.fma((values[from + i] - mean) * factor, gain[i], bias[i]);
        }
    }
}
