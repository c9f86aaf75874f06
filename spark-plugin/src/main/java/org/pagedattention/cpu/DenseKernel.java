package org.pagedattention.cpu;

import org.pagedattention.backend.Activation;

/**
 * The loops of a linear layer. Each number is one sum over a row and a column in a fixed order, so that not a bit of it
 * depends on the rows beside it. BLAS libraries do not promise that: OpenBLAS's kernels for AVX2 give a row other bits at
 * another place of the same matrix.
 */
public interface DenseKernel {

    /** Columns of a panel of a {@link PackedMatrix}. */
    int panelColumns();

    /** Rows that are computed together. */
    int groupRows();

    /**
     * Multiplies groups of rows with one panel.
     *
     * @param panels of the matrix, {@code [panel, in, panelColumns]}
     * @param panel which one
     * @param x {@code [groups, in, groupRows]}
     * @param y written, {@code [groups, groupRows, panelColumns]}
     */
    void multiply(float[] panels, int panel, int in, float[] x, int groups, float[] y);

    /**
     * Replaces {@code count} numbers, and up to a vector more, by the activation of each.
     *
     * @param values of a length that is a multiple of a vector's
     */
    void activate(Activation activation, float[] values, int count);
}
