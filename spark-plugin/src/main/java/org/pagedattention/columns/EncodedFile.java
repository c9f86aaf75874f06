package org.pagedattention.columns;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where scored rows go. */
public interface EncodedFile {

    /**
     * A column of binary values that are not encoded yet, end to end.
     *
     * @param bytes of all values
     * @param starts where each value begins, in units, and where the last one ends
     * @param unit bytes
     */
    record Values(HostBytes bytes, int[] starts, int unit) {

        public int count() {
            return starts.length - 1;
        }

        /** First byte of the value at {@code index}; with {@link #count}, the byte behind the last value. */
        public long start(int index) {
            return (long) starts[index] * unit;
        }
    }

    /**
     * Appends rows. Keeps nothing of what it is given.
     *
     * @param rows how many
     * @param columns a Parquet file of one row group with all columns but the attention output; no bytes when there is no
     *     other column
     * @param output the attention output; null when it is not wanted
     */
    void append(int rows, HostBytes columns, @Nullable Values output) throws IOException;
}
