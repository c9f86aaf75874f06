package org.pagedattention.cudnn.models;

import java.nio.FloatBuffer;
import java.util.function.IntToDoubleFunction;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/** One row a sequence: attention whose one query sees all tokens alike, or one of them. */
record Pooling(Recipe recipe, PagedBatch pages, Attention attention) {
    private static final int[] HEAD_DIMS = {64, 32, 16, 8};

    DeviceTensor apply(SequencePooling pooling, DeviceTensor x, int skipped) {
        return switch (pooling) {
            case FIRST -> average(x, PoolPages.first(pages, skipped));
            case LAST -> average(x, PoolPages.last(pages, skipped));
            case MEAN -> average(x, PoolPages.all(pages, skipped));
            case MEAN_SQRT ->
                scaled(average(x, PoolPages.all(pages, skipped)), s -> Math.sqrt(Math.max(0, count(s) - skipped)));
            case WEIGHTED_MEAN -> weighted(x, skipped);
            case MAX -> largest(x, skipped);
        };
    }

    /** The mean of the rows that each sequence of {@code rows} names, with zeros where it names none. */
    DeviceTensor average(DeviceTensor x, PagedBatch rows) {
        RowStrides strides = new RowStrides(x.width(), x.stride(), x.stride());
        Recipe.Tables tables = recipe.tables(attention, spec(x.width(), x.type()), rows, strides, true);
        long room = tables.planned().rows();
        return recipe.scope(() -> {
            DeviceTensor zeros = recipe.make(rows.sequences(), x.columns(), x.type(), room);
            DeviceTensor pooled = recipe.make(rows.sequences(), x.columns(), x.type(), room);
            recipe.add(new Step.Clear(zeros.region(), 0, rows.sequences()));
            recipe.add(new Step.Clear(x.region(), x.rows(), Recipe.SLACK_ROWS));
            recipe.add(new Step.Attend(tables, "pooling", zeros, x, x, pooled));
            return pooled;
        });
    }

    private static AttentionSpec spec(int width, ElementType type) {
        for (int dim : HEAD_DIMS) {
            if (width % dim == 0) {
                return new AttentionSpec(width / dim, width / dim, dim, dim, type, Mask.none(), 1);
            }
        }
        throw new IllegalStateException("rows of " + width + " numbers are no multiple of 8");
    }

    /** A token weighs as much as its number in the sequence, the first being 1; kept below 1, so that none overflows. */
    private DeviceTensor weighted(DeviceTensor x, int skipped) {
        float[] weights = new float[pages.queryTokens()];
        double[] sums = new double[pages.sequences()];
        for (int s = 0; s < pages.sequences(); s++) {
            for (int t = skipped; t < count(s); t++) {
                weights[pages.queryStart(s) + t] = (t + 1f) / count(s);
                sums[s] += (t + 1.0) / count(s);
            }
        }
        DeviceTensor heavy = scaled(x, t -> weights[t]);
        DeviceTensor mean = average(heavy, PoolPages.all(pages, skipped));
        return scaled(mean, s -> sums[s] == 0 ? 0 : (count(s) - skipped) / sums[s]);
    }

    /** Largest of 1, 2, 4, ... tokens from each token on, and so of all from the first on. */
    private DeviceTensor largest(DeviceTensor x, int skipped) {
        DeviceTensor most = x;
        for (int reach = 1; reach < pages.longestQuery(); reach *= 2) {
            DeviceTensor ahead = recipe.gather(most, most.rows(), RowRun.ahead(pages, reach));
            most = new Maps(recipe).combine(Activation.NONE, Pointwise.MAX, most, ahead);
        }
        return average(most, PoolPages.first(pages, skipped));
    }

    /** Every row of {@code x} times a number of its own. */
    private DeviceTensor scaled(DeviceTensor x, IntToDoubleFunction factor) {
        MemoryBlock host = recipe.input((long) x.rows() * Float.BYTES);
        FloatBuffer floats = host.buffer().asFloatBuffer();
        for (int r = 0; r < x.rows(); r++) {
            floats.put(r, (float) factor.applyAsDouble(r));
        }
        DeviceTensor factors = recipe.makeColumn(x.rows());
        recipe.add(new Step.Upload(host.address(), factors));
        return new Maps(recipe).combine(Activation.NONE, Pointwise.MUL, x, factors);
    }

    private int count(int sequence) {
        return pages.lengths(sequence).queryTokens();
    }
}
