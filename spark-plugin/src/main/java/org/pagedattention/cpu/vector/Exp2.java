package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * 2ˣ⁻ᵐ for x ≤ m, relative error of the power below 1.5e-7 down to 2⁻¹²⁵; 0 where m - x is 127 or more, infinity
 * included. A NaN gives garbage: whoever found m has met it before.
 */
final class Exp2 {
    /** Adding it to a small number leaves the nearest integer in the low bits of the sum. */
    private static final float ROUNDER = 0x1.8p23f;
    /** Where the result is +0: the biased exponent of 1, less 127, is 0. */
    private static final int LARGEST = Float.floatToRawIntBits(127f);

    // 2^-r on [-1/2, 1/2], 1 at 0: least squares reweighted towards least maximum, relative error 2e-9
    private static final float C1 = -0.6931472f;
    private static final float C2 = 0.24022648f;
    private static final float C3 = -0.055503324f;
    private static final float C4 = 0.009618437f;
    private static final float C5 = -0.0013398875f;
    private static final float C6 = 1.5353362E-4f;

    private Exp2() {}

    /**
     * Replaces a column of vectors: {@code count} of them, {@code stride} floats apart, beginning with {@code x}.
     *
     * @param m where the vector of largest values begins in {@code maxima}
     */
    static void replace(float[] exponents, int x, int stride, int count, float[] maxima, int m) {
        FloatVector max = FloatVector.fromArray(FLOATS, maxima, m);
        FloatVector rounder = FloatVector.broadcast(FLOATS, ROUNDER);
        for (int j = 0; j < count; j++) {
            FloatVector y = max.sub(FloatVector.fromArray(FLOATS, exponents, x + j * stride));
            // floats that are not negative are ordered as their bits are
            y = y.reinterpretAsInts().min(LARGEST).reinterpretAsFloats();
            FloatVector shifted = rounder.sub(y);
            FloatVector r = shifted.sub(rounder).add(y);
            FloatVector p = r.fma(FloatVector.broadcast(FLOATS, C6), FloatVector.broadcast(FLOATS, C5));
            p = p.fma(r, FloatVector.broadcast(FLOATS, C4));
            p = p.fma(r, FloatVector.broadcast(FLOATS, C3));
            p = p.fma(r, FloatVector.broadcast(FLOATS, C2));
            p = p.fma(r, FloatVector.broadcast(FLOATS, C1));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p.reinterpretAsInts().add(power).reinterpretAsFloats().intoArray(exponents, x + j * stride);
        }
    }
}
