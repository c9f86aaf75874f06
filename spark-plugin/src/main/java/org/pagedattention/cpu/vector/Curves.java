package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Activations, a vector at a time. The error function and tanh are quotients of polynomials, the ones that Eigen uses,
 * within some units in the last place of 1. A NaN stays one.
 */
final class Curves {
    private static final float[] ERF = {
        -0.016096033f, -0.0029546f, -7.3499064E-4f, -5.6925062E-5f, -2.101024E-6f, 2.7706815E-8f, -2.7261424E-10f
    };
    private static final float[] ERF_DIVISOR = {
        -0.014264739f, -0.0073733293f, -0.001682827f, -2.1337405E-4f, -1.45660715E-5f
    };
    /** Beyond it erf is 1 in single precision. */
    private static final float ERF_FLAT = 4;

    private static final float[] TANH = {
        0.0048935246f, 6.3726195E-4f, 1.48572235E-5f, 5.1222973E-8f, -8.604672E-11f, 2.000188E-13f, -2.7607684E-16f
    };
    private static final float[] TANH_DIVISOR = {0.004893525f, 0.0022684347f, 1.1853471E-4f, 1.1982584E-6f};
    /** The first number for which the quotient, with fused operations, is exactly 1. */
    private static final float TANH_FLAT = 7.9988117f;

    private static final float SQRT_HALF = (float) Math.sqrt(0.5);
    private static final float SQRT_2_OVER_PI = (float) Math.sqrt(2 / Math.PI);

    private Curves() {}

    static void relu(float[] values, int end) {
        for (int i = 0; i < end; i += COUNT) {
            FloatVector.fromArray(FLOATS, values, i).max(0).intoArray(values, i);
        }
    }

    static void gelu(float[] values, int end) {
        for (int i = 0; i < end; i += COUNT) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector erf = odd(x.mul(SQRT_HALF), ERF_FLAT, ERF, ERF_DIVISOR);
            x.mul(0.5f).mul(erf.add(1)).intoArray(values, i);
        }
    }

    static void geluTanh(float[] values, int end) {
        for (int i = 0; i < end; i += COUNT) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector cubic = x.mul(x).mul(x).mul(0.044715f).add(x);
            FloatVector tanh = odd(cubic.mul(SQRT_2_OVER_PI), TANH_FLAT, TANH, TANH_DIVISOR);
            x.mul(0.5f).mul(tanh.add(1)).intoArray(values, i);
        }
    }

    static void silu(float[] values, int end) {
        for (int i = 0; i < end; i += COUNT) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            x.mul(logistic(x)).intoArray(values, i);
        }
    }

    static void sigmoid(float[] values, int end) {
        for (int i = 0; i < end; i += COUNT) {
            logistic(FloatVector.fromArray(FLOATS, values, i)).intoArray(values, i);
        }
    }

    static void tanh(float[] values, int end) {
        for (int i = 0; i < end; i += COUNT) {
            odd(FloatVector.fromArray(FLOATS, values, i), TANH_FLAT, TANH, TANH_DIVISOR)
                    .intoArray(values, i);
        }
    }

    private static FloatVector logistic(FloatVector x) {
        return odd(x.mul(0.5f), TANH_FLAT, TANH, TANH_DIVISOR).mul(0.5f).add(0.5f);
    }

    /** x · p(x²) / q(x²) for |x| up to {@code flat}, and what it is there for larger ones. */
    private static FloatVector odd(FloatVector x, float flat, float[] p, float[] q) {
        FloatVector bounded = x.min(flat).max(-flat);
        FloatVector square = bounded.mul(bounded);
        return bounded.mul(polynomial(square, p)).div(polynomial(square, q));
    }

    private static FloatVector polynomial(FloatVector x, float[] coefficients) {
        FloatVector sum = FloatVector.broadcast(FLOATS, coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--) {
            sum = sum.fma(x, FloatVector.broadcast(FLOATS, coefficients[i]));
        }
        return sum;
    }
}
