package org.pagedattention.cpu;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;

/** Normalises rows. Sums are in double precision and in one order, whatever the compiler makes of the loops. */
final class RowNorm {
    private RowNorm() {}

    static void apply(Norm.Kind kind, float[] row, float[] gain, float @Nullable [] bias, float epsilon) {
        double mean = kind == Norm.Kind.LAYER ? sum(row) / row.length : 0;
        double square = squares(row, mean) / row.length;
        float shift = (float) mean;
        float factor = (float) (1 / Math.sqrt(square + epsilon));
        for (int i = 0; i < row.length; i++) {
            row[i] = (row[i] - shift) * factor * gain[i];
        }
        if (bias != null) {
            for (int i = 0; i < row.length; i++) {
                row[i] += bias[i];
            }
        }
    }

    /** Divides by the Euclidean length, or by {@code least} when that is more. */
    static void unit(float[] row, double least) {
        double length = Math.max(Math.sqrt(squares(row, 0)), least);
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (row[i] / length);
        }
    }

    /** In four parts, so that each addition does not wait for the one before. */
    private static double sum(float[] row) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i < row.length - 3; i += 4) {
            a += row[i];
            b += row[i + 1];
            c += row[i + 2];
            d += row[i + 3];
        }
        for (; i < row.length; i++) {
            a += row[i];
        }
        return a + b + (c + d);
    }

    private static double squares(float[] row, double mean) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i < row.length - 3; i += 4) {
            a += (row[i] - mean) * (row[i] - mean);
            b += (row[i + 1] - mean) * (row[i + 1] - mean);
            c += (row[i + 2] - mean) * (row[i + 2] - mean);
            d += (row[i + 3] - mean) * (row[i + 3] - mean);
        }
        for (; i < row.length; i++) {
            a += (row[i] - mean) * (row[i] - mean);
        }
        return a + b + (c + d);
    }
}
