package org.pagedattention.backend;

import org.jspecify.annotations.Nullable;

/**
 * A normalisation of every row, with a gain for every column.
 *
 * @param kind what is computed of a row
 * @param gain {@code [columns]}
 * @param bias {@code [columns]}; null for none
 * @param epsilon added to the mean of squares
 */
public record Norm(Kind kind, Weight gain, @Nullable Weight bias, float epsilon) {

    /** What a row is divided by, and whether its mean is taken off before. */
    public enum Kind {
        /** (x - mean) / √(variance + ε) · gain + bias. */
        LAYER,
        /** x / √(mean of x² + ε) · gain. */
        RMS
    }

    public Norm {
        if (kind == Kind.RMS && bias != null) {
            throw new IllegalArgumentException("an RMS norm has no bias");
        }
    }
}
