package org.pagedattention.cpu;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;

/** Normalises rows. Sums are in double precision and in one order, whatever the compiler makes of the loops. */
final class RowNorm {
    private RowNorm() {}

    /** Normalises the {@code gain.length} numbers that begin at {@code from}. */
    static void apply(Norm.Kind kind, float[] values, int from, float[] gain, float @Nullable [] bias, float epsilon) {
        int end = from + gain.length;
        double mean = kind == Norm.Kind.LAYER ? sum(values, from, end) / gain.length : 0;
        double square = squares(values, from, end, mean) / gain.length;
        float shift = (float) mean;
        float factor = (float) (1 / Math.sqrt(square + epsilon));
        for (int i = 0; i < gain.length; i++) {
            values[from + i] = (values[from + i] - shift) * factor * gain[i];
        }
        if (bias != null) {
            for (int i = 0; i < bias.length; i++) {
                values[from + i] += bias[i];
            }
        }
    }

    /** Divides by the Euclidean length, or by {@code least} when that is more. */
    static void unit(float[] row, double least) {
        double length = Math.max(Math.sqrt(squares(row, 0, row.length, 0)), least);
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (row[i] / length);
        }
    }

    /** In four parts, so that each addition does not wait for the one before. */
    private static double sum(float[] row, int from, int end) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i < end - 3; i += 4) {
            a += row[i];
            b += row[i + 1];
            c += row[i + 2];
            d += row[i + 3];
        }
        for (; i < end; i++) {
            a += row[i];
        }
        return a + b + (c + d);
    }

    private static double squares(float[] row, int from, int end, double mean) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i < end - 3; i += 4) {
            a += (row[i] - mean) * (row[i] - mean);
            b += (row[i + 1] - mean) * (row[i + 1] - mean);
            c += (row[i + 2] - mean) * (row[i + 2] - mean);
            d += (row[i + 3] - mean) * (row[i + 3] - mean);
        }
        for (; i < end; i++) {
            a += (row[i] - mean) * (row[i] - mean);
        }
        return a + b + (c + d);
    }
}
