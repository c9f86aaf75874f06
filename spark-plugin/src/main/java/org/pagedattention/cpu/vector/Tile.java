package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.PAIR;

import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cpu.BatchTensors;
import org.pagedattention.cpu.RowBlock;

/** Some consecutive keys and values of one KV head, widened to fp32. */
final class Tile {
    /** Keys of a full tile. */
    static final int KEYS = 96;

    /** {@code [KEYS, headDim]}, and room for the rows that register blocks read beyond. */
    float[] keys = {};
    /** {@code [KEYS, width]}; zeros behind the value. */
    float[] values = {};

    private int headDim;
    private int valueDim;
    private int width;
    private int firstKey;
    private int endKey;

    void begin(AttentionSpec spec) {
        int newWidth = Lanes.roundUp(spec.valueDim(), PAIR);
        if (spec.headDim() != headDim || spec.valueDim() != valueDim) {
            keys = new float[(KEYS + 4) * spec.headDim()];
            values = new float[KEYS * newWidth];
        }
        headDim = spec.headDim();
        valueDim = spec.valueDim();
        width = newWidth;
    }

    void load(BatchTensors tensors, RowBlock block, RowCodec codec, int first, int end) {
        firstKey = first;
        endKey = end;
        int kvHeads = tensors.spec().kvHeads();
        int key = first;
        while (key < end) {
            int count = tensors.tokensOnPage(key, end);
            int k = tensors.keyHead(block, key);
            int v = tensors.valueHead(block, key);
            int row = key - first;
            codec.read(tensors.keys(), k * headDim, kvHeads * headDim, keys, row * headDim, headDim, count, headDim, 1);
            codec.read(
                    tensors.values(), v * valueDim, kvHeads * valueDim, values, row * width, width, count, valueDim, 1);
            key += count;
        }
    }

    /** Floats from one value to the next. */
    int width() {
        return width;
    }

    int firstKey() {
        return firstKey;
    }

    int endKey() {
        return endKey;
    }
}
