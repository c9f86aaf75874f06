package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.PAIR;

import org.pagedattention.backend.Activation;
import org.pagedattention.cpu.DenseKernel;

/** Linear layers in register blocks: the columns of a panel are lanes, and rows are broadcast. */
final class VectorDense implements DenseKernel {

    @Override
    public int panelColumns() {
        return PAIR;
    }

    @Override
    public int groupRows() {
        return DenseBlocks.ROWS;
    }

    @Override
    public void multiply(float[] panels, int panel, int in, float[] x, int groups, float[] y) {
        int p = panel * in * PAIR;
        for (int g = 0; g < groups; g++) {
            DenseBlocks.multiply(panels, p, x, g * in * DenseBlocks.ROWS, in, y, g * DenseBlocks.ROWS * PAIR);
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
}
