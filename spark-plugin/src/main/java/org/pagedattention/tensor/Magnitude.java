package org.pagedattention.tensor;

/** How large the numbers of a tensor are; each is worse than the one before. */
public enum Magnitude {
    /** No score or sum of them leaves fp32's range on the way to a result that fits. */
    SMALL,
    /** Finite, but fp32 may be too small for what is computed of them. */
    LARGE,
    /** NaN or infinities are among them. */
    NOT_FINITE;

    public Magnitude orWorse(Magnitude other) {
        return compareTo(other) < 0 ? other : this;
    }
}
