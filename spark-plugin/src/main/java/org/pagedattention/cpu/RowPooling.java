package org.pagedattention.cpu;

import java.util.Arrays;
import org.pagedattention.backend.SequencePooling;

/** Pools the rows of one sequence. */
final class RowPooling {
    private RowPooling() {}

    /**
     * @param x {@code [tokens, columns]} of all sequences
     * @param start the sequence's first row
     * @param tokens its rows
     * @param skipped of them that take no part
     */
    static float[] pool(SequencePooling pooling, CpuTensor x, int start, int tokens, int skipped) {
        float[] row = new float[x.columns()];
        if (tokens <= skipped) {
            return row;
        }
        switch (pooling) {
            case FIRST -> x.read(start + skipped, 1, row);
            case LAST -> x.read(start + tokens - 1, 1, row);
            case MAX -> max(x, start + skipped, start + tokens, row);
            case MEAN, MEAN_SQRT, WEIGHTED_MEAN -> sum(pooling, x, start, tokens, skipped, row);
        }
        return row;
    }

    private static void max(CpuTensor x, int from, int to, float[] row) {
        float[] token = new float[row.length];
        Arrays.fill(row, Float.NEGATIVE_INFINITY);
        for (int t = from; t < to; t++) {
            x.read(t, 1, token);
            for (int i = 0; i < row.length; i++) {
                row[i] = Math.max(row[i], token[i]);
            }
        }
    }

    private static void sum(SequencePooling pooling, CpuTensor x, int start, int tokens, int skipped, float[] row) {
        float[] token = new float[row.length];
        double[] sums = new double[row.length];
        double divisor = 0;
        for (int t = skipped; t < tokens; t++) {
            int weight = pooling == SequencePooling.WEIGHTED_MEAN ? t + 1 : 1;
            divisor += weight;
            x.read(start + t, 1, token);
            for (int i = 0; i < row.length; i++) {
                sums[i] += (double) weight * token[i];
            }
        }
        if (pooling == SequencePooling.MEAN_SQRT) {
            divisor = Math.sqrt(divisor);
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (sums[i] / divisor);
        }
    }
}
