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

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
