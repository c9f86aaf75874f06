package org.pagedattention.attention;

import java.io.Serializable;
import org.pagedattention.tensor.ElementType;

/**
 * One kind of attention: everything about it that does not depend on a sequence's length.
 *
 * <pre>O[t,h,:] = softmax(scale · Q[t,h,:] · K[:,h/g,:]ᵀ + mask) · V[:,h/g,:]     g = queryHeads / kvHeads</pre>
 *
 * @param queryHeads heads of Q and O
 * @param kvHeads heads of K and V; divides {@code queryHeads} (equal: MHA, one: MQA, between: GQA)
 * @param headDim elements of one head of Q and K
 * @param valueDim elements of one head of V and O
 * @param type how Q, K, V and O are stored
 * @param mask which keys a query sees
 * @param scale factor on Q·Kᵀ before the softmax
 */
public record AttentionSpec(
        int queryHeads, int kvHeads, int headDim, int valueDim, ElementType type, Mask mask, float scale)
        implements Serializable {

    /** Sums below this power of two stay in fp32's range, with room for rounding. */
    private static final int FP32_EXPONENT = Float.MAX_EXPONENT - 1;

    private static final float LARGEST_SCALE = 0x1p126f;

    private static final double LOG2_E = 1 / Math.log(2);

    /** More heads or a longer head than this is a mistyped option, not a model. */
    private static final int LIMIT = 1 << 14;

    public AttentionSpec {
        requireSize("query heads", queryHeads, "queryHeads");
        requireSize("KV heads", kvHeads, "kvHeads");
        requireSize("head dim", headDim, "headDim");
        requireSize("value dim", valueDim, "valueDim");
        if (queryHeads % kvHeads != 0) {
            throw new IllegalArgumentException("query heads " + queryHeads + " is not a multiple of KV heads " + kvHeads
                    + ": each KV head serves the same number of query heads, so set option queryHeads to a multiple of "
                    + kvHeads + " or option kvHeads to a divisor of " + queryHeads);
        }
        requireScale(scale);
    }

    /** The usual scale, 1/√headDim. */
    public static float defaultScale(int headDim) {
        return (float) (1 / Math.sqrt(headDim));
    }

    /** Query heads that share one KV head. */
    public int groupSize() {
        return queryHeads / kvHeads;
    }

    /** Elements of one query token, {@code [queryHeads, headDim]}. */
    public int queryElements() {
        return queryHeads * headDim;
    }

    /** Elements of one key token, {@code [kvHeads, headDim]}. */
    public int keyElements() {
        return kvHeads * headDim;
    }

    /** Elements of one value token, {@code [kvHeads, valueDim]}. */
    public int valueElements() {
        return kvHeads * valueDim;
    }

    /** Elements of one output token, {@code [queryHeads, valueDim]}. */
    public int outputElements() {
        return queryHeads * valueDim;
    }

    /**
     * The power of two that the magnitude of all of Q and K may stay below to be sure that {@link #boundsScores} holds.
     */
    public int inputExponent(int scoreExponent) {
        double plain = FP32_EXPONENT - log2(headDim);
        double scaled = scoreExponent - log2(headDim * Math.abs(scale) * LOG2_E);
        return (int) Math.floor(Math.min(plain, scaled) / 2);
    }

    /**
     * Whether no score of a query and a key leaves its range, in whatever order it is summed up. One that leaves fp32's
     * upwards leaves NaN in the output. Downwards it passes for one that the mask hides: its key loses its weight without
     * a trace.
     *
     * @param largestQ largest magnitude in Q
     * @param largestK largest magnitude in K
     * @param scoreExponent the power of two that scaled scores to base 2 must stay below
     */
    public boolean boundsScores(double largestQ, double largestK, int scoreExponent) {
        double plain = headDim * largestQ * largestK;
        return plain < Math.scalb(1.0, FP32_EXPONENT)
                && plain * Math.abs(scale) * LOG2_E < Math.scalb(1.0, scoreExponent);
    }

    private static double log2(double value) {
        return Math.log(value) * LOG2_E;
    }

    /**
     * Returns a scale that fp32 can hold.
     *
     * @throws IllegalArgumentException when it would become zero or infinite there, or lose digits
     */
    public static float requireScale(double scale) {
        double magnitude = Math.abs(scale);
        if (magnitude != 0 && !(magnitude >= Float.MIN_NORMAL && magnitude <= LARGEST_SCALE)) {
            throw new IllegalArgumentException(
                    "scale " + scale + " is beyond what fp32 can compute with: set option scale to"
                            + " a number of magnitude " + Float.MIN_NORMAL + " to " + LARGEST_SCALE + ", or to 0");
        }
        return (float) scale;
    }

    /** The same attention over tensors stored as {@code other}. */
    public AttentionSpec withType(ElementType other) {
        return new AttentionSpec(queryHeads, kvHeads, headDim, valueDim, other, mask, scale);
    }

    private static void requireSize(String what, int value, String option) {
        if (value < 1 || value > LIMIT) {
            throw new IllegalArgumentException(
                    what + " " + value + " is out of range: option " + option + " must be from 1 to " + LIMIT);
        }
    }
}
