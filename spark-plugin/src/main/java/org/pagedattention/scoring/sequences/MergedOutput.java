package org.pagedattention.scoring.sequences;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionOutput;

/**
 * Attention to two sets of keys, made of attention to each: outputs are averaged by how much weight their keys had, which is
 * what log-sum-exps say.
 */
public final class MergedOutput {
    /** From here on, what fp32 rounds a log-sum-exp by is seen in the weights: half of 0.0005. */
    private static final double LARGEST_LSE = 4096;

    private MergedOutput() {}

    /**
     * Merges what some queries got twice.
     *
     * @param both has an lse
     * @param first where the queries begin among all, with the one set
     * @param second where they begin with the other
     * @param tokens how many there are
     * @return their output alone; null when log-sum-exps are too large to tell the weight of one set from that of the other
     */
    public static @Nullable AttentionOutput of(
            AttentionSpec spec, AttentionOutput both, int first, int second, int tokens) {
        FloatBuffer lse = Objects.requireNonNull(both.lse());
        int heads = spec.queryHeads();
        int dim = spec.valueDim();
        float[] one = floats(spec, both.o(), first, tokens);
        float[] other = floats(spec, both.o(), second, tokens);
        float[] merged = new float[tokens * heads];
        for (int i = 0; i < merged.length; i++) {
            double a = lse.get(first * heads + i);
            double b = lse.get(second * heads + i);
            double largest = Math.max(a, b);
            if (Double.isFinite(a + b) && Math.max(largest, -Math.min(a, b)) > LARGEST_LSE) {
                return null;
            }
            // a query that sees no key of either has zeros
            boolean sees = largest != Double.NEGATIVE_INFINITY;
            double weightOfOne = sees ? Math.exp(a - largest) : 0;
            double weightOfOther = sees ? Math.exp(b - largest) : 0;
            double sum = weightOfOne + weightOfOther;
            merged[i] = (float) (largest + Math.log(sees ? sum : 1));
            for (int e = i * dim; e < (i + 1) * dim; e++) {
                one[e] = sees ? (float) ((weightOfOne * one[e] + weightOfOther * other[e]) / sum) : 0;
            }
        }
        ByteBuffer o = ByteBuffer.allocate(one.length * spec.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        spec.type().write(one, one.length, o, 0);
        return new AttentionOutput(o, false, FloatBuffer.wrap(merged));
    }

    private static float[] floats(AttentionSpec spec, ByteBuffer o, int first, int tokens) {
        float[] floats = new float[tokens * spec.outputElements()];
        spec.type().read(o, first * spec.outputElements() * spec.type().bytes(), floats, floats.length);
        return floats;
    }
}
