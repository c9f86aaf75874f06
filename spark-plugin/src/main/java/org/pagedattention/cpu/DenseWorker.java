package org.pagedattention.cpu;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;

/** Computes linear layers block by block, in scratch memory of its own. */
final class DenseWorker {
    /** Rows of a block: enough to make up for reading the whole matrix once a block, few enough to stay in L2. */
    static final int ROWS = 48;

    private final DenseKernel kernel;
    private final int groupRows;
    private final float[] tile;
    private float[] x = {};
    private float[] grouped = {};
    private float[] y = {};
    private float[] added = {};

    DenseWorker(DenseKernel kernel) {
        this.kernel = kernel;
        groupRows = kernel.groupRows();
        tile = new float[ROWS * kernel.panelColumns()];
    }

    /** One linear layer: what all of its blocks have in common. */
    record Layer(
            CpuTensor x,
            PackedMatrix matrix,
            float @Nullable [] bias,
            Activation activation,
            @Nullable CpuTensor residual,
            CpuTensor y) {

        int blocks() {
            return (x.rows() + ROWS - 1) / ROWS;
        }
    }

    void compute(Layer layer, int block) {
        int first = block * ROWS;
        int rows = Math.min(ROWS, layer.x().rows() - first);
        PackedMatrix matrix = layer.matrix();
        int groups = (rows + groupRows - 1) / groupRows;
        x = atLeast(x, ROWS * matrix.in());
        y = atLeast(y, ROWS * matrix.out());
        layer.x().read(first, rows, x);
        group(groups, matrix.in());
        for (int panel = 0; panel < matrix.panelCount(); panel++) {
            kernel.multiply(matrix.panels(), panel, matrix.in(), grouped, groups, tile);
            finish(layer, panel, rows);
        }
        if (layer.residual() != null) {
            add(layer.residual(), first, rows);
        }
        layer.y().write(first, rows, y);
    }

    /** Puts the rows of a group side by side; behind the last row lies what was there, and nobody reads its sums. */
    private void group(int groups, int in) {
        grouped = atLeast(grouped, ROWS * in);
        for (int g = 0; g < groups; g++) {
            int from = g * groupRows * in;
            for (int r = 0; r < groupRows; r++) {
                for (int i = 0; i < in; i++) {
                    grouped[from + i * groupRows + r] = x[from + r * in + i];
                }
            }
        }
    }

    /** Bias and activation while the tile is in cache, and its place among the block's columns. */
    private void finish(Layer layer, int panel, int rows) {
        int width = kernel.panelColumns();
        int column = panel * width;
        int columns = Math.min(width, layer.matrix().out() - column);
        if (layer.bias() != null) {
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    tile[r * width + c] += layer.bias()[column + c];
                }
            }
        }
        kernel.activate(layer.activation(), tile, rows * width);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * width, y, r * layer.matrix().out() + column, columns);
        }
    }

    private void add(CpuTensor residual, int first, int rows) {
        int count = rows * residual.columns();
        added = atLeast(added, count);
        residual.read(first, rows, added);
        for (int i = 0; i < count; i++) {
            y[i] += added[i];
        }
    }

    private static float[] atLeast(float[] array, int length) {
        return array.length >= length ? array : new float[length];
    }
}
