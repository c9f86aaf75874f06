package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.pagedattention.cpu.AttentionKernel;
import org.pagedattention.cpu.BatchTensors;
import org.pagedattention.cpu.RowBlock;
import org.pagedattention.cpu.ScalarKernel;

/**
 * Writes a block's results. Register blocks multiply what a row's mask hides by zero, which is wrong for what is not
 * finite: rows that did not come out finite are done again by the scalar kernel, which skips what is hidden.
 */
final class Finish {
    private static final double LN_2 = Math.log(2);

    private final AttentionKernel.Worker scalar = new ScalarKernel().newWorker();

    void write(BatchTensors tensors, RowBlock block, RowCodec codec, RowStates rows) {
        int badFrom = 0;
        for (int row = 0; row < block.rows(); row++) {
            if (isFinite(rows, row)) {
                redo(tensors, block, badFrom, row);
                badFrom = row + 1;
                writeRow(tensors, tensors.rowIndex(block, block.firstRow() + row), codec, rows, row);
            }
        }
        redo(tensors, block, badFrom, block.rows());
    }

    private void redo(BatchTensors tensors, RowBlock block, int from, int to) {
        if (from < to) {
            int first = block.firstRow();
            scalar.attend(tensors, new RowBlock(block.sequence(), block.kvHead(), first + from, first + to));
        }
    }

    private static void writeRow(BatchTensors tensors, int index, RowCodec codec, RowStates rows, int row) {
        int valueDim = tensors.spec().valueDim();
        float sum = rows.sums[row];
        // a row that sees no key has a sum of 0; its output is zeros, not 0/0
        float factor = sum == 0 ? 0 : 1 / sum;
        codec.write(rows.outputs, row * rows.width, valueDim, factor, tensors.output(), index * valueDim);
        FloatBuffer lse = tensors.lse();
        if (lse != null) {
            lse.put(index, sum == 0 ? Float.NEGATIVE_INFINITY : (float) (rows.maxima[row] * LN_2 + Math.log(sum)));
        }
    }

    private static boolean isFinite(RowStates rows, int row) {
        FloatVector zeros = FloatVector.zero(FLOATS);
        for (int i = row * rows.width; i < (row + 1) * rows.width; i += COUNT) {
            zeros = FloatVector.fromArray(FLOATS, rows.outputs, i).fma(FloatVector.zero(FLOATS), zeros);
        }
        return !zeros.compare(VectorOperators.NE, 0).anyTrue()
                && Float.isFinite(rows.maxima[row])
                && Float.isFinite(rows.sums[row]);
    }
}
