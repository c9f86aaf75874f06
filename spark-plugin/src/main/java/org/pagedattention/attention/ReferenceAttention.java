package org.pagedattention.attention;

/** Attention in fp64 as the formula says it, for one sequence at a time. Slow on purpose: the judge of every backend. */
public final class ReferenceAttention {
    private ReferenceAttention() {}

    /**
     * What attention gives for one sequence.
     *
     * @param o {@code [queries, queryHeads, valueDim]}; zeros for a query that sees no key
     * @param lse natural log-sum-exp of the scaled, visible scores, {@code [queries, queryHeads]}; -infinity for a
     *     query that sees no key
     */
    public record Result(double[] o, double[] lse) {}

    /**
     * Attends one sequence; the element type of {@code spec} plays no part.
     *
     * @param q {@code [queries, queryHeads, headDim]}
     * @param k {@code [keys, kvHeads, headDim]}
     * @param v {@code [keys, kvHeads, valueDim]}
     */
    public static Result attend(AttentionSpec spec, float[] q, float[] k, float[] v) {
        return attend(spec, widened(q), widened(k), widened(v));
    }

    /** {@link #attend(AttentionSpec, float[], float[], float[])} of numbers that are in fp64 already. */
    public static Result attend(AttentionSpec spec, double[] q, double[] k, double[] v) {
        int queries = q.length / spec.queryElements();
        int keys = k.length / spec.keyElements();
        double[] o = new double[queries * spec.outputElements()];
        double[] lse = new double[queries * spec.queryHeads()];
        for (int t = 0; t < queries; t++) {
            int first = spec.mask().firstKey(t, queries, keys);
            int end = spec.mask().endKey(t, queries, keys);
            for (int h = 0; h < spec.queryHeads(); h++) {
                int row = t * spec.queryHeads() + h;
                double[] scores = new double[Math.max(0, end - first)];
                score(spec, q, row * spec.headDim(), k, keyOf(spec, first, h) * spec.headDim(), scores);
                lse[row] = softmax(scores);
                weigh(spec, scores, v, keyOf(spec, first, h) * spec.valueDim(), o, row * spec.valueDim());
            }
        }
        return new Result(o, lse);
    }

    /** Where the key of token {@code j} lies that query head {@code h} sees, in heads. */
    private static int keyOf(AttentionSpec spec, int j, int h) {
        return j * spec.kvHeads() + h / spec.groupSize();
    }

    /** Scores the visible keys, which begin at {@code key}, with the query at {@code query}. */
    private static void score(AttentionSpec spec, double[] q, int query, double[] k, int key, double[] scores) {
        int dim = spec.headDim();
        int step = spec.keyElements();
        double scale = spec.scale();
        for (int j = 0; j < scores.length; j++) {
            double dot = 0;
            for (int i = 0; i < dim; i++) {
                dot += q[query + i] * k[key + j * step + i];
            }
            scores[j] = scale * dot;
        }
    }

    /** Makes weights of scores and returns their log-sum-exp. Huge scores swallow the log of a sum, weights may not. */
    private static double softmax(double[] scores) {
        double max = Double.NEGATIVE_INFINITY;
        for (double score : scores) {
            max = Math.max(max, score);
        }
        double sum = 0;
        for (int j = 0; j < scores.length; j++) {
            // a query that sees no key has no maximum to subtract
            scores[j] = scores[j] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(scores[j] - max);
            sum += scores[j];
        }
        for (int j = 0; j < scores.length && sum > 0; j++) {
            scores[j] /= sum;
        }
        return max + Math.log(sum);
    }

    /** Sums the visible values, which begin at {@code value}, into what begins at {@code out}. */
    private static void weigh(AttentionSpec spec, double[] weights, double[] v, int value, double[] o, int out) {
        int dim = spec.valueDim();
        int step = spec.valueElements();
        for (int j = 0; j < weights.length; j++) {
            double weight = weights[j];
            if (weight == 0) {
                continue;
            }
            for (int i = 0; i < dim; i++) {
                o[out + i] += weight * v[value + j * step + i];
            }
        }
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
