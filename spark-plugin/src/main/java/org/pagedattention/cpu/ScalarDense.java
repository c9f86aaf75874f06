package org.pagedattention.cpu;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Norm;

/** Plain Java; the inner loop is one that the compiler turns into vector code by itself. */
final class ScalarDense implements DenseKernel {
    private static final int COLUMNS = 64;

    @Override
    public int panelColumns() {
        return COLUMNS;
    }

    @Override
    public int groupRows() {
        return 1;
    }

    @Override
    public int groupInputs() {
        return 1;
    }

    @Override
    public void multiply(PackedMatrix matrix, int panel, float[] x, int rows, float[] bias, float[] sums) {
        int depth = matrix.depth();
        int from = panel * depth * COLUMNS;
        for (int r = 0; r < rows; r++) {
            System.arraycopy(bias, panel * COLUMNS, sums, r * COLUMNS, COLUMNS);
            for (int i = 0; i < depth; i++) {
                addTimes(x[r * depth + i], matrix.panels(), from + i * COLUMNS, sums, r * COLUMNS);
            }
        }
    }

    private static void addTimes(float factor, float[] panels, int from, float[] sums, int to) {
        for (int c = 0; c < COLUMNS; c++) {
            sums[to + c] += factor * panels[from + c];
        }
    }

    @Override
    public void activate(Activation activation, float[] values, int count) {
        if (activation != Activation.NONE) {
            for (int i = 0; i < count; i++) {
                values[i] = (float) activation.of(values[i]);
            }
        }
    }

    @Override
    public float largest(float[] values, int from, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, values[i]);
        }
        return largest;
    }

    @Override
    public double sumOfPowers(float[] values, int from, int count, float most) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += Math.exp(values[i] - most);
        }
        return sum;
    }

    @Override
    public void norm(Norm.Kind kind, float[] values, int rows, float[] gain, float @Nullable [] bias, float epsilon) {
        for (int r = 0; r < rows; r++) {
            RowNorm.apply(kind, values, r * gain.length, gain, bias, epsilon);
        }
    }
}
