package org.pagedattention.attention;

import java.util.Arrays;

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
        int queries = q.length / spec.queryElements();
        int keys = k.length / spec.keyElements();
        double[] o = new double[queries * spec.outputElements()];
        double[] lse = new double[queries * spec.queryHeads()];
        for (int t = 0; t < queries; t++) {
            for (int h = 0; h < spec.queryHeads(); h++) {
                double[] scores = scores(spec, q, k, t, h, queries, keys);
                int row = t * spec.queryHeads() + h;
                lse[row] = softmax(scores);
                weigh(spec, scores, v, h, o, row * spec.valueDim());
            }
        }
        return new Result(o, lse);
    }

    private static double[] scores(AttentionSpec spec, float[] q, float[] k, int t, int h, int queries, int keys) {
        double[] scores = new double[keys];
        Arrays.fill(scores, Double.NEGATIVE_INFINITY);
        int end = spec.mask().endKey(t, queries, keys);
        int query = (t * spec.queryHeads() + h) * spec.headDim();
        for (int j = spec.mask().firstKey(t, queries, keys); j < end; j++) {
            int key = (j * spec.kvHeads() + h / spec.groupSize()) * spec.headDim();
            double dot = 0;
            for (int i = 0; i < spec.headDim(); i++) {
                dot += (double) q[query + i] * k[key + i];
            }
            scores[j] = spec.scale() * dot;
        }
        return scores;
    }

    /** Makes weights of scores and returns their log-sum-exp. Huge scores swallow the log of a sum, weights may not. */
    private static double softmax(double[] scores) {
        double max = Arrays.stream(scores).max().orElse(Double.NEGATIVE_INFINITY);
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

    private static void weigh(AttentionSpec spec, double[] weights, float[] v, int h, double[] o, int out) {
        for (int j = 0; j < weights.length; j++) {
            if (weights[j] == 0) {
                continue;
            }
            int value = (j * spec.kvHeads() + h / spec.groupSize()) * spec.valueDim();
            for (int i = 0; i < spec.valueDim(); i++) {
                o[out + i] += weights[j] * v[value + i];
            }
        }
    }
}
