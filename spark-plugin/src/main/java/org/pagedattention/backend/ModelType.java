package org.pagedattention.backend;

import java.util.Locale;

/** Numbers that whole models compute with: what weights and what comes out of layers are rounded to. Sums are of fp32. */
public enum ModelType {
    /** What the backend takes for a checkpoint. */
    AUTO,
    FP16,
    BF16,
    FP32;

    /** The setting that chooses it. */
    public static final String KEY = "spark.pagedAttention.model.dtype";

    /** Why a backend refuses one that it does not have. */
    public String refusal(String backends, String others) {
        return "it computes models in " + backends + ", and " + KEY + " is " + this + ": set it to " + others;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
