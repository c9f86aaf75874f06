package org.pagedattention.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Norm;

/** Computes linear layers and norms block by block, in scratch memory of its own. */
final class DenseWorker {
    /** Rows of a block: enough to make up for reading the whole matrix once a block, few enough to stay in L2. */
    static final int ROWS = 96;
    /** Logits of a row that are there at a time: with those of all rows of a block they stay in L2. */
    private static final int LOGITS = 1024;

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
        int grouped = grouped(rows);
        x = atLeast(x, grouped * matrix.depth());
        y = atLeast(y, rows * matrix.out());
        sums = atLeast(sums, (grouped + kernel.groupRows()) * matrix.panelColumns());
        readRows(layer.x(), first, rows, matrix.depth());
        readBias(layer);
        for (int panel = 0; panel < matrix.panelCount(); panel++) {
            kernel.multiply(matrix, panel, x, grouped, bias, sums);
            kernel.activate(layer.activation(), sums, rows * matrix.panelColumns());
            place(matrix, panel, rows, panel * matrix.panelColumns(), matrix.out());
        }
        if (layer.residual() != null) {
            add(layer.residual(), first, rows);
        }
        layer.y().write(first, rows, y);
    }

    /** How probable each row's target is: what all blocks have in common. */
    record Probable(CpuTensor x, PackedMatrix head, int[] targets, CpuTensor y) {}

    void logProbs(Probable probable, int block) {
        int first = block * ROWS;
        int rows = Math.min(ROWS, probable.x().rows() - first);
        PackedMatrix head = probable.head();
        int grouped = grouped(rows);
        int panels = Math.max(1, LOGITS / head.panelColumns());
        x = atLeast(x, grouped * head.depth());
        y = atLeast(y, rows * panels * head.panelColumns());
        sums = atLeast(sums, (grouped + kernel.groupRows()) * head.panelColumns());
        bias = atLeast(bias, head.width());
        Arrays.fill(bias, 0, head.width(), 0);
        readRows(probable.x(), first, rows, head.depth());
        RowSoftmax[] softmax = new RowSoftmax[rows];
        Arrays.setAll(softmax, r -> new RowSoftmax(probable.targets()[first + r]));
        for (int panel = 0; panel < head.panelCount(); panel += panels) {
            addLogits(head, panel, Math.min(panels, head.panelCount() - panel), grouped, softmax);
        }
        for (int r = 0; r < rows; r++) {
            float[] row = {softmax[r].logProbability(), softmax[r].isLargest() ? 1 : 0};
            probable.y().write(first + r, 1, row);
        }
    }

    private void addLogits(PackedMatrix head, int panel, int panels, int grouped, RowSoftmax[] softmax) {
        int column = panel * head.panelColumns();
        int count = Math.min(panels * head.panelColumns(), head.out() - column);
        for (int p = 0; p < panels; p++) {
            kernel.multiply(head, panel + p, x, grouped, bias, sums);
            place(head, panel + p, softmax.length, p * head.panelColumns(), count);
        }
        for (int r = 0; r < softmax.length; r++) {
            softmax[r].add(kernel, y, r * count, count, column);
        }
    }

    /** Rows up to a whole group: beyond those that are there lies what was there, and nobody reads what comes of it. */
    private int grouped(int rows) {
        return (rows + kernel.groupRows() - 1) / kernel.groupRows() * kernel.groupRows();
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
        kernel.norm(kind, x, rows * (from.columns() / gain.length), gain, biases, epsilon);
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

    /** Puts the columns of a panel into rows of {@code width} numbers. */
    private void place(PackedMatrix matrix, int panel, int rows, int column, int width) {
        int columns = Math.min(matrix.panelColumns(), matrix.out() - panel * matrix.panelColumns());
        for (int r = 0; r < rows; r++) {
            System.arraycopy(sums, r * matrix.panelColumns(), y, r * width + column, columns);
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
