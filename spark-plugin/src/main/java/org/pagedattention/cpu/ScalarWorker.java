package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.tensor.ElementType;

/**
 * Online softmax, tile by tile: each tile of keys and values is widened once, then every row of the block takes the part
 * of it that its mask shows.
 */
final class ScalarWorker implements AttentionKernel.Worker {
    /** Keys of a tile. */
    private static final int TILE = 64;

    /** Transposed, {@code [headDim, TILE]}, so that the loop over keys is the inner one. */
    private float[] keyTile = {};
    /** {@code [TILE, valueDim]}. */
    private float[] valueTile = {};

    private final float[] weights = new float[TILE];
    private float[] queries = {};
    /** What each row has summed so far, {@code [rows, valueDim]}, to be divided by {@link #sums}. */
    private float[] accumulators = {};

    private float[] maxima = {};
    private float[] sums = {};

    @Override
    public void attend(BatchTensors tensors, RowBlock block) {
        begin(tensors, block);
        int end = tensors.endKey(block, block.endRow() - 1);
        int tile = tensors.firstKey(block, block.firstRow());
        while (tile < end) {
            // tiles end at multiples of their size, so that a row's sums do not depend on how its batch was cut
            int tileEnd = Math.min(end, tile - tile % TILE + TILE);
            attendTile(tensors, block, tile, tileEnd);
            tile = tileEnd;
        }
        finish(tensors, block);
    }

    private void begin(BatchTensors tensors, RowBlock block) {
        AttentionSpec spec = tensors.spec();
        int rows = block.rows();
        keyTile = atLeast(keyTile, spec.headDim() * TILE);
        valueTile = atLeast(valueTile, spec.valueDim() * TILE);
        queries = atLeast(queries, rows * spec.headDim());
        accumulators = atLeast(accumulators, rows * spec.valueDim());
        maxima = atLeast(maxima, rows);
        sums = atLeast(sums, rows);
        Arrays.fill(accumulators, 0, rows * spec.valueDim(), 0);
        Arrays.fill(maxima, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0, rows, 0);
        for (int r = 0; r < rows; r++) {
            int from = tensors.rowIndex(block, block.firstRow() + r) * spec.headDim();
            widen(spec.type(), tensors.queries(), from, queries, r * spec.headDim(), 1, spec.headDim());
        }
    }

    private void attendTile(BatchTensors tensors, RowBlock block, int tile, int tileEnd) {
        AttentionSpec spec = tensors.spec();
        for (int key = tile; key < tileEnd; key++) {
            int k = tensors.keyHead(block, key) * spec.headDim();
            widen(spec.type(), tensors.keys(), k, keyTile, key - tile, TILE, spec.headDim());
            int v = tensors.valueHead(block, key) * spec.valueDim();
            widen(spec.type(), tensors.values(), v, valueTile, (key - tile) * spec.valueDim(), 1, spec.valueDim());
        }
        for (int r = 0; r < block.rows(); r++) {
            int from = Math.max(tile, tensors.firstKey(block, block.firstRow() + r));
            int to = Math.min(tileEnd, tensors.endKey(block, block.firstRow() + r));
            if (from < to) {
                attendRow(spec, r, from - tile, to - tile);
            }
        }
    }

    /** Adds the keys {@code from..to} of the tile to row {@code r}. */
    private void attendRow(AttentionSpec spec, int r, int from, int to) {
        float max = Math.max(maxima[r], score(spec, r, from, to));
        if (max == Float.NEGATIVE_INFINITY) {
            return;
        }
        float correction = (float) Math.exp(maxima[r] - max);
        float sum = 0;
        for (int j = from; j < to; j++) {
            weights[j] = (float) Math.exp(weights[j] - max);
            sum += weights[j];
        }
        maxima[r] = max;
        sums[r] = sums[r] * correction + sum;
        accumulate(spec.valueDim(), r, correction, from, to);
    }

    /** Leaves the scaled scores in {@link #weights} and returns the largest; NaN when there is one. */
    private float score(AttentionSpec spec, int r, int from, int to) {
        Arrays.fill(weights, from, to, 0);
        for (int i = 0; i < spec.headDim(); i++) {
            float q = queries[r * spec.headDim() + i];
            int k = i * TILE;
            for (int j = from; j < to; j++) {
                weights[j] += q * keyTile[k + j];
            }
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int j = from; j < to; j++) {
            weights[j] *= spec.scale();
            max = Math.max(max, weights[j]);
        }
        return max;
    }

    private void accumulate(int valueDim, int r, float correction, int from, int to) {
        int o = r * valueDim;
        for (int i = 0; i < valueDim; i++) {
            accumulators[o + i] *= correction;
        }
        for (int j = from; j < to; j++) {
            float weight = weights[j];
            int v = j * valueDim;
            for (int i = 0; i < valueDim; i++) {
                accumulators[o + i] += weight * valueTile[v + i];
            }
        }
    }

    private void finish(BatchTensors tensors, RowBlock block) {
        AttentionSpec spec = tensors.spec();
        int width = spec.type().bytes();
        for (int r = 0; r < block.rows(); r++) {
            int row = tensors.rowIndex(block, block.firstRow() + r);
            // a row that sees no key has a sum of 0; its output is zeros, not 0/0
            float factor = sums[r] == 0 ? 0 : 1 / sums[r];
            for (int i = 0; i < spec.valueDim(); i++) {
                float value = accumulators[r * spec.valueDim() + i] * factor;
                spec.type().put(tensors.output(), (row * spec.valueDim() + i) * width, value);
            }
            if (tensors.lse() != null) {
                tensors.lse().put(row, (float) (maxima[r] + Math.log(sums[r])));
            }
        }
    }

    /** Copies {@code count} elements to every {@code stride}-th place of {@code target}. */
    private static void widen(
            ElementType type, ByteBuffer source, int from, float[] target, int at, int stride, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i * stride] = type.get(source, (from + i) * type.bytes());
        }
    }

    private static float[] atLeast(float[] array, int length) {
        return array.length >= length ? array : new float[length];
    }
}
