package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.PAIR;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Norm;
import org.pagedattention.cpu.DenseKernel;
import org.pagedattention.cpu.PackedMatrix;

/** Linear layers in register blocks: the columns of a panel are lanes, and rows are broadcast. */
final class VectorDense implements DenseKernel {
    /**
     * Inputs of one sum: sums of sums lose fewer bits than one long sum. As many of a panel (16 kB), and of a group of rows
     * (3 kB), stay in the nearest cache.
     */
    private static final int SUM = 128;

    @Override
    public int panelColumns() {
        return PAIR;
    }

    @Override
    public int groupRows() {
        return DenseBlocks.ROWS;
    }

    @Override
    public int groupInputs() {
        return DenseBlocks.INPUTS;
    }

    @Override
    public void multiply(PackedMatrix matrix, int panel, float[] x, int rows, float[] bias, float[] sums) {
        int depth = matrix.depth();
        for (int r = 0; r < rows; r++) {
            System.arraycopy(bias, panel * PAIR, sums, r * PAIR, PAIR);
        }
        for (int from = 0; from < depth; from += SUM) {
            int inputs = Math.min(SUM, depth - from);
            int p = (panel * depth + from) * PAIR;
            for (int r = 0; r < rows; r += DenseBlocks.ROWS) {
                DenseBlocks.multiply(matrix.panels(), p, x, r * depth + from, depth, inputs, sums, rows * PAIR);
                DenseBlocks.add(sums, rows * PAIR, r * PAIR);
            }
        }
    }

    @Override
    public void activate(Activation activation, float[] values, int count) {
        int end = Lanes.roundUp(count, COUNT);
        switch (activation) {
            case NONE -> {}
            case RELU -> Curves.relu(values, end);
            case GELU -> Curves.gelu(values, end);
            case GELU_TANH -> Curves.geluTanh(values, end);
            case SILU -> Curves.silu(values, end);
            case TANH -> Curves.tanh(values, end);
            case SIGMOID -> Curves.sigmoid(values, end);
        }
    }

    @Override
    public float largest(float[] values, int from, int count) {
        return Powers.largest(values, from, count);
    }

    @Override
    public double sumOfPowers(float[] values, int from, int count, float most) {
        return Powers.sum(values, from, count, most);
    }

    @Override
    public void norm(Norm.Kind kind, float[] values, int rows, float[] gain, float @Nullable [] bias, float epsilon) {
        float[] lanes = new float[2 * COUNT];
        float[] added = bias == null ? new float[gain.length] : bias;
        for (int r = 0; r < rows; r++) {
            int from = r * gain.length;
            float mean = kind == Norm.Kind.LAYER ? Norms.mean(values, from, gain.length, lanes) : 0;
            double square = Norms.squares(values, from, gain.length, mean, lanes) / gain.length;
            Norms.scale(values, from, mean, (float) (1 / Math.sqrt(square + epsilon)), gain, added);
        }
    }
}
