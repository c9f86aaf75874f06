package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.PAIR;

import java.util.Arrays;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cpu.BatchTensors;
import org.pagedattention.cpu.RowBlock;

/** What a block knows of its rows: the queries, the keys they see, and what the online softmax has summed so far. */
final class RowStates {
    /** Strips of {@code [headDim, PAIR]}: transposed, so that lanes are queries; rows beyond the last are zeros. */
    float[] queries = {};
    /** {@code [rows, width]}, still to be divided by {@link #sums}. */
    float[] outputs = {};
    /** Largest score of each row, to base 2. */
    float[] maxima = {};

    float[] sums = {};
    int headDim;
    int width;

    private int[] firstKeys = {};
    private int[] endKeys = {};
    /** Widened, not yet transposed. */
    private float[] staged = {};

    void begin(BatchTensors tensors, RowBlock block, RowCodec codec, float factor) {
        AttentionSpec spec = tensors.spec();
        int rows = Lanes.roundUp(block.rows(), PAIR);
        headDim = spec.headDim();
        width = Lanes.roundUp(spec.valueDim(), PAIR);
        // register blocks touch up to three rows more
        outputs = zeros(outputs, (rows + 4) * width, 0);
        maxima = zeros(maxima, rows, OnlineSoftmax.NO_MAXIMUM);
        sums = zeros(sums, rows, 0);
        if (firstKeys.length < rows) {
            firstKeys = new int[rows];
            endKeys = new int[rows];
        }
        for (int row = 0; row < block.rows(); row++) {
            firstKeys[row] = tensors.firstKey(block, block.firstRow() + row);
            endKeys[row] = tensors.endKey(block, block.firstRow() + row);
        }
        transposeQueries(tensors, block, codec, factor, rows);
    }

    int firstKey(int row) {
        return firstKeys[row];
    }

    int endKey(int row) {
        return endKeys[row];
    }

    private void transposeQueries(BatchTensors tensors, RowBlock block, RowCodec codec, float factor, int rows) {
        queries = queries.length >= rows * headDim ? queries : new float[rows * headDim];
        staged = staged.length >= rows * headDim ? staged : new float[rows * headDim];
        Arrays.fill(staged, block.rows() * headDim, rows * headDim, 0);
        int group = tensors.spec().groupSize();
        int tokenElements = tensors.spec().queryElements();
        // rows of one head lie evenly apart
        for (int first = 0; first < Math.min(group, block.rows()); first++) {
            int from = tensors.rowIndex(block, block.firstRow() + first) * headDim;
            int count = (block.rows() - first + group - 1) / group;
            codec.read(
                    tensors.queries(),
                    from,
                    tokenElements,
                    staged,
                    first * headDim,
                    group * headDim,
                    count,
                    headDim,
                    factor);
        }
        for (int strip = 0; strip < rows * headDim; strip += PAIR * headDim) {
            for (int i = 0; i < headDim; i++) {
                for (int lane = 0; lane < PAIR; lane++) {
                    queries[strip + i * PAIR + lane] = staged[strip + lane * headDim + i];
                }
            }
        }
    }

    private static float[] zeros(float[] array, int length, float value) {
        float[] filled = array.length >= length ? array : new float[length];
        Arrays.fill(filled, 0, length, value);
        return filled;
    }
}
