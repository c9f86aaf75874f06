package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.PAIR;

import java.util.Arrays;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cpu.AttentionKernel;
import org.pagedattention.cpu.BatchTensors;
import org.pagedattention.cpu.RowBlock;

/**
 * Takes the rows of a block in strips of two vectors. Each tile of keys and values is copied once, page by page, into
 * fp32 scratch that stays in cache, and serves all strips of the block that see it.
 */
final class VectorWorker implements AttentionKernel.Worker {
    private static final float LOG2_E = (float) (1 / Math.log(2));

    private final Tile tile = new Tile();
    private final RowStates rows = new RowStates();
    private final float[] scores = new float[(Tile.KEYS + 4) * PAIR];
    private final Finish finish = new Finish();

    @Override
    public void attend(BatchTensors tensors, RowBlock block) {
        AttentionSpec spec = tensors.spec();
        RowCodec codec = RowCodec.of(spec.type());
        rows.begin(tensors, block, codec, spec.scale() * LOG2_E);
        tile.begin(spec);
        int end = rows.endKey(block.rows() - 1);
        for (int key = rows.firstKey(0); key < end; key = tile.endKey()) {
            // tiles end at multiples of their size, so that a row's sums do not depend on how its batch was cut
            tile.load(tensors, block, codec, key, Math.min(end, key - key % Tile.KEYS + Tile.KEYS));
            for (int row = 0; row < block.rows(); row += PAIR) {
                attendStrip(row, Math.min(block.rows(), row + PAIR));
            }
        }
        finish.write(tensors, block, codec, rows);
    }

    private void attendStrip(int firstRow, int endRow) {
        int from = Math.max(tile.firstKey(), rows.firstKey(firstRow));
        int to = Math.min(tile.endKey(), rows.endKey(endRow - 1));
        if (from >= to) {
            return;
        }
        int offset = from - tile.firstKey();
        int count = to - from;
        ScoreBlocks.multiply(
                rows.queries, firstRow * rows.headDim, tile.keys, offset * rows.headDim, rows.headDim, count, scores);
        if (from < rows.firstKey(endRow - 1) || to > rows.endKey(firstRow)) {
            hide(firstRow, endRow, from, to);
        }
        OnlineSoftmax.update(scores, count, rows.maxima, rows.sums, firstRow);
        ValueBlocks.accumulate(
                scores,
                count,
                tile.values,
                offset * tile.width(),
                tile.width(),
                rows.outputs,
                firstRow * tile.width(),
                endRow - firstRow);
    }

    /** Hides keys from the rows that do not see them: the first rows a key comes too late for, the last ones too early. */
    private void hide(int firstRow, int endRow, int from, int to) {
        int late = firstRow;
        int early = firstRow;
        for (int key = from; key < to; key++) {
            while (late < endRow && rows.endKey(late) <= key) {
                late++;
            }
            while (early < endRow && rows.firstKey(early) <= key) {
                early++;
            }
            int s = (key - from) * PAIR - firstRow;
            Arrays.fill(scores, s + firstRow, s + late, Float.NEGATIVE_INFINITY);
            Arrays.fill(scores, s + early, s + endRow, Float.NEGATIVE_INFINITY);
        }
    }
}
