package org.pagedattention.cpu;

import java.util.Arrays;
import org.pagedattention.backend.Activation;

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
    public void multiply(float[] panels, int panel, int in, float[] x, int groups, float[] y) {
        Arrays.fill(y, 0, groups * COLUMNS, 0);
        for (int r = 0; r < groups; r++) {
            int from = panel * in * COLUMNS;
            for (int i = 0; i < in; i++) {
                addTimes(x[r * in + i], panels, from + i * COLUMNS, y, r * COLUMNS);
            }
        }
    }

    private static void addTimes(float factor, float[] panels, int from, float[] y, int to) {
        for (int c = 0; c < COLUMNS; c++) {
            y[to + c] += factor * panels[from + c];
        }
    }

    @Override
    public void activate(Activation activation, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = (float) activation.of(values[i]);
        }
    }
}
