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
    private float[] query = {};

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
        query = query.length >= headDim ? query : new float[headDim];
        for (int row = 0; row < rows; row++) {
            if (row < block.rows()) {
                int from = tensors.rowIndex(block, block.firstRow() + row) * headDim;
                codec.read(tensors.queries(), from, query, 0, headDim, factor);
            } else {
                Arrays.fill(query, 0);
            }
            int lane = row / PAIR * PAIR * headDim + row % PAIR;
            for (int i = 0; i < headDim; i++) {
                queries[lane + i * PAIR] = query[i];
            }
        }
    }

    private static float[] zeros(float[] array, int length, float value) {
        float[] filled = array.length >= length ? array : new float[length];
        Arrays.fill(filled, 0, length, value);
        return filled;
    }
}
