package org.pagedattention.cpu;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Norm;

/**
 * The loops between attention and attention. Each number is one sum over a row and a column in a fixed order, so that not
 * a bit of it depends on the rows beside it. BLAS libraries do not promise that: OpenBLAS's kernels for AVX2 give a row
 * other bits at another place of the same matrix.
 */
public interface DenseKernel {

    /** Columns of a panel of a {@link PackedMatrix}. */
    int panelColumns();

    /** Rows that are computed together. */
    int groupRows();

    /** Inputs that are added together: a matrix has zeros behind its last one, up to a multiple. */
    int groupInputs();

    /**
     * Adds the products of some rows and one panel to the panel's biases. The sums lie together, in the nearest
     * cache, until the panel is done.
     *
     * @param panel which one of the matrix
     * @param x {@code [rows, depth]}
     * @param rows a multiple of {@link #groupRows}
     * @param bias {@code [panels * panelColumns]}
     * @param sums {@code [rows, panelColumns]} are written, and {@link #groupRows} rows behind them may be
     */
    void multiply(PackedMatrix matrix, int panel, float[] x, int rows, float[] bias, float[] sums);

    /**
     * Replaces {@code count} numbers, and up to a vector more, by the activation of each.
     *
     * @param values of a length that is a multiple of a vector's
     */
    void activate(Activation activation, float[] values, int count);

    /** The largest of {@code count} numbers from {@code from} on; NaN when there is one. */
    float largest(float[] values, int from, int count);

    /**
     * The sum of e to the power of {@code count} numbers from {@code from} on, each less {@code most}, which none of them
     * is above. They may be overwritten.
     */
    double sumOfPowers(float[] values, int from, int count, float most);

    /**
     * Normalises each of some rows.
     *
     * @param values {@code [rows, columns]}, of as many columns as {@code gain}
     * @param bias null for none
     */
    void norm(Norm.Kind kind, float[] values, int rows, float[] gain, float @Nullable [] bias, float epsilon);
}
