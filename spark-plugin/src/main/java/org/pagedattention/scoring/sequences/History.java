package org.pagedattention.scoring.sequences;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.tensor.Magnitude;
import org.pagedattention.tensor.TensorRef;

/**
 * Keys and values that many rows ask: in a row of their own, or in a batch. What is found out about its numbers is
 * remembered. For one task's thread.
 */
public final class History {
    private static final int FINITE = Float.MAX_EXPONENT + 1;

    private final TensorRef k;
    private final TensorRef v;
    private @Nullable Magnitude keys;
    private @Nullable Magnitude values;
    private float largestKey = Float.NaN;
    private boolean batched;

    /**
     * A row that asks a history.
     *
     * @param sequence its queries, the history's keys and values or those that the row has behind them, and how many these
     *     are together
     */
    public record Query(Sequence sequence, History history) {

        /** The row with the history's keys and values in front of its own, in memory of their own. */
        public Sequence whole() {
            return new Sequence(
                    sequence.lengths(),
                    sequence.q(),
                    history.k.followedBy(sequence.k()),
                    history.v.followedBy(sequence.v()));
        }
    }

    /**
     * @param k {@code [keys, kvHeads, headDim]}
     * @param v {@code [values, kvHeads, valueDim]}, as many as keys or it is a bad one
     */
    public History(TensorRef k, TensorRef v) {
        this.k = k;
        this.v = v;
    }

    public TensorRef k() {
        return k;
    }

    public TensorRef v() {
        return v;
    }

    /** Whether it was in a batch before. */
    public boolean batched() {
        return batched;
    }

    /** Whether it is known to hold a number that is not finite. */
    public boolean notFinite() {
        return keys == Magnitude.NOT_FINITE || values == Magnitude.NOT_FINITE;
    }

    /**
     * Copies it into the containers of a batch.
     *
     * @param slot where it begins there
     * @param inputExponent keys are small below 2 to this power
     * @return the history there
     */
    public History copyTo(
            ByteBuffer keyContainer, ByteBuffer valueContainer, int slot, AttentionSpec spec, int inputExponent) {
        History copy = new History(
                k.at(keyContainer, slot, spec.keyElements(), spec.type()),
                v.at(valueContainer, slot, spec.valueElements(), spec.type()));
        keys = k.copyTo(copy.k, inputExponent);
        values = v.copyTo(copy.v, FINITE);
        copy.keys = keys;
        copy.values = values;
        batched = true;
        return copy;
    }

    /** How large its keys are, once it was copied. */
    public Magnitude keys() {
        return keys == null ? Magnitude.NOT_FINITE : keys;
    }

    /** The largest magnitude of a key. */
    public float largestKey() {
        if (Float.isNaN(largestKey)) {
            largestKey = k.largest();
        }
        return largestKey;
    }
}
