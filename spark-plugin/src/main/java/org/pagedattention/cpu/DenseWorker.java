package org.pagedattention.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Norm;

/** Computes linear layers and norms block by block, in scratch memory of its own. */
final class DenseWorker {
    /** Rows of a block: enough to make up for reading the whole matrix once a block, few enough to stay in L2. */
    static final int ROWS = 96;

    private final DenseKernel kernel;
    private float[] x = {};
    private float[] y = {};
    private float[] sums = {};
    private float[] bias = {};
    private float[] added = {};

    DenseWorker(DenseKernel kernel) {
        this.kernel = kernel;
    }

    /** Blocks that some rows make. */
    static int blocks(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** One linear layer: what all of its blocks have in common. */
    record Layer(
            CpuTensor x,
            PackedMatrix matrix,
            float @Nullable [] bias,
            Activation activation,
            @Nullable CpuTensor residual,
            CpuTensor y) {}

    void compute(Layer layer, int block) {
        int first = block * ROWS;
        int rows = Math.min(ROWS, layer.x().rows() - first);
        PackedMatrix matrix = layer.matrix();
        // the last group may reach beyond the rows: there lies what was there, and nobody reads what comes of it
        int grouped = (rows + kernel.groupRows() - 1) / kernel.groupRows() * kernel.groupRows();
        x = atLeast(x, grouped * matrix.depth());
        y = atLeast(y, rows * matrix.out());
        sums = atLeast(sums, (grouped + kernel.groupRows()) * matrix.panelColumns());
        readRows(layer.x(), first, rows, matrix.depth());
        readBias(layer);
        for (int panel = 0; panel < matrix.panelCount(); panel++) {
            kernel.multiply(matrix, panel, x, grouped, bias, sums);
            kernel.activate(layer.activation(), sums, rows * matrix.panelColumns());
            place(matrix, panel, rows);
        }
        if (layer.residual() != null) {
            add(layer.residual(), first, rows);
        }
        layer.y().write(first, rows, y);
    }

    void norm(
            Norm.Kind kind,
            CpuTensor from,
            float[] gain,
            float @Nullable [] biases,
            float epsilon,
            CpuTensor to,
            int block) {
        int first = block * ROWS;
        int rows = Math.min(ROWS, from.rows() - first);
        x = atLeast(x, rows * from.columns());
        from.read(first, rows, x);
        kernel.norm(kind, x, rows, gain, biases, epsilon);
        to.write(first, rows, x);
    }

    /** Rows of {@code depth} numbers, zeros behind what the tensor has. */
    private void readRows(CpuTensor tensor, int first, int rows, int depth) {
        int columns = tensor.columns();
        tensor.read(first, rows, x);
        if (depth > columns) {
            for (int r = rows - 1; r >= 0; r--) {
                System.arraycopy(x, r * columns, x, r * depth, columns);
                Arrays.fill(x, r * depth + columns, (r + 1) * depth, 0);
            }
        }
    }

    private void readBias(Layer layer) {
        int width = layer.matrix().width();
        bias = atLeast(bias, width);
        int given = 0;
        if (layer.bias() != null) {
            given = layer.bias().length;
            System.arraycopy(layer.bias(), 0, bias, 0, given);
        }
        Arrays.fill(bias, given, width, 0);
    }

    /** Puts the columns of a panel into their rows. */
    private void place(PackedMatrix matrix, int panel, int rows) {
        int column = panel * matrix.panelColumns();
        int columns = Math.min(matrix.panelColumns(), matrix.out() - column);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(sums, r * matrix.panelColumns(), y, r * matrix.out() + column, columns);
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
