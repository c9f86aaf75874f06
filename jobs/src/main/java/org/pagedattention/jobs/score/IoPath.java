package org.pagedattention.jobs.score;

import java.util.Locale;

/** How rows travel. */
public enum IoPath {
    /** Direct where that works, otherwise by rows. */
    AUTO,
    /** Through Spark's rows; always works. */
    ROW,
    /** Parquet straight to the GPU and back; never falls back. */
    DIRECT;

    public static IoPath parse(String name) {
        return switch (name) {
            case "auto" -> AUTO;
            case "row" -> ROW;
            case "direct" -> DIRECT;
            default -> throw new IllegalArgumentException("io '" + name + "' is not known: use auto, row or direct");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
