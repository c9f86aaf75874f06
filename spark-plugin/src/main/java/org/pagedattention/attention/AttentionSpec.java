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

    /** More heads or a longer head than this is a mistyped option, not a model. */
    private static final int LIMIT = 1 << 14;

    public AttentionSpec {
        requireSize("query heads", queryHeads, "--query-heads");
        requireSize("KV heads", kvHeads, "--kv-heads");
        requireSize("head dim", headDim, "--head-dim");
        requireSize("value dim", valueDim, "--value-dim");
        if (queryHeads % kvHeads != 0) {
            throw new IllegalArgumentException("query heads " + queryHeads + " is not a multiple of KV heads " + kvHeads
                    + ": each KV head serves the same number of query heads, so set --query-heads to a multiple of "
                    + kvHeads + " or --kv-heads to a divisor of " + queryHeads);
        }
        if (!Float.isFinite(scale)) {
            throw new IllegalArgumentException("scale " + scale + " is not finite: set --scale to a finite number");
        }
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

    /** The same attention over tensors stored as {@code other}. */
    public AttentionSpec withType(ElementType other) {
        return new AttentionSpec(queryHeads, kvHeads, headDim, valueDim, other, mask, scale);
    }

    private static void requireSize(String what, int value, String option) {
        if (value < 1 || value > LIMIT) {
            throw new IllegalArgumentException(
                    what + " " + value + " is out of range: " + option + " must be from 1 to " + LIMIT);
        }
    }
}
