package org.pagedattention.jobs.report;

import java.util.Random;

/**
 * Where vectors lie along the two directions in which they differ most.
 *
 * @param places of each vector
 * @param explained share of all variance that is along these two, from 0 to 1
 */
record Principal(double[][] places, double explained) {
    private static final int MOST_ROUNDS = 200;
    private static final double CLOSE = 1e-7;

    /**
     * Finds the directions by orthogonal iteration.
     *
     * @param vectors of one dimension, which are left alone
     * @param seed of the directions to begin with
     */
    static Principal of(float[][] vectors, long seed) {
        float[][] centered = centered(vectors);
        int dimension = vectors[0].length;
        Random random = new Random(seed);
        double[][] axes = new double[2][dimension];
        for (double[] axis : axes) {
            for (int i = 0; i < dimension; i++) {
                axis[i] = random.nextGaussian();
            }
        }
        orthonormalize(axes);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            double[][] next = turned(centered, axes);
            orthonormalize(next);
            double moved = Math.max(distance(axes[0], next[0]), distance(axes[1], next[1]));
            axes = next;
            if (moved < CLOSE) {
                break;
            }
        }
        return along(centered, axes);
    }

    private static float[][] centered(float[][] vectors) {
        int dimension = vectors[0].length;
        double[] mean = new double[dimension];
        for (float[] vector : vectors) {
            for (int i = 0; i < dimension; i++) {
                mean[i] += (double) vector[i] / vectors.length;
            }
        }
        float[][] centered = new float[vectors.length][dimension];
        for (int row = 0; row < vectors.length; row++) {
            for (int i = 0; i < dimension; i++) {
                centered[row][i] = (float) (vectors[row][i] - mean[i]);
            }
        }
        return centered;
    }

    /** The axes, times the covariance. */
    private static double[][] turned(float[][] vectors, double[][] axes) {
        double[][] sums = new double[2][axes[0].length];
        for (float[] vector : vectors) {
            for (int axis = 0; axis < 2; axis++) {
                double at = dot(vector, axes[axis]);
                for (int i = 0; i < vector.length; i++) {
                    sums[axis][i] += at * vector[i];
                }
            }
        }
        return sums;
    }

    /** Makes both of length 1, the second without what it has of the first, and each point where its numbers' sum is positive. */
    private static void orthonormalize(double[][] axes) {
        normalize(axes[0]);
        double common = 0;
        for (int i = 0; i < axes[0].length; i++) {
            common += axes[0][i] * axes[1][i];
        }
        for (int i = 0; i < axes[0].length; i++) {
            axes[1][i] -= common * axes[0][i];
        }
        normalize(axes[1]);
    }

    private static void normalize(double[] axis) {
        double squares = 0;
        double sum = 0;
        for (double number : axis) {
            squares += number * number;
            sum += number;
        }
        double factor = squares < 1e-30 ? 0 : (sum < 0 ? -1 : 1) / Math.sqrt(squares);
        for (int i = 0; i < axis.length; i++) {
            axis[i] *= factor;
        }
    }

    private static Principal along(float[][] vectors, double[][] axes) {
        double[][] places = new double[vectors.length][2];
        double all = 0;
        double seen = 0;
        for (int row = 0; row < vectors.length; row++) {
            for (int axis = 0; axis < 2; axis++) {
                places[row][axis] = dot(vectors[row], axes[axis]);
                seen += places[row][axis] * places[row][axis];
            }
            for (float number : vectors[row]) {
                all += (double) number * number;
            }
        }
        return new Principal(places, all == 0 ? 1 : Math.min(1, seen / all));
    }

    private static double dot(float[] vector, double[] axis) {
        double sum = 0;
        for (int i = 0; i < vector.length; i++) {
            sum += vector[i] * axis[i];
        }
        return sum;
    }

    private static double distance(double[] one, double[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return Math.sqrt(squares);
    }
}
