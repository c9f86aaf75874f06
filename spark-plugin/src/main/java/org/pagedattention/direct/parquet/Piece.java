package org.pagedattention.direct.parquet;

import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * Neighbouring row groups of one Parquet file. Their bytes, between a magic number and a footer of their own, are a
 * Parquet file again, which can be decoded without the rest.
 *
 * @param path of the file
 * @param start first byte of the row groups
 * @param bytes of the row groups
 * @param rows in them
 * @param plainBytes of their columns when decoded, as far as the file knows; {@link #UNKNOWN} when it does not
 * @param footer footer of the file that these row groups make, its length and the closing magic number included
 */
public record Piece(String path, long start, long bytes, long rows, long plainBytes, byte[] footer)
        implements Serializable {
    static final byte[] MAGIC = {'P', 'A', 'R', '1'};

    /** Where the row groups begin in the file that they make: behind its magic number. */
    static final int BODY = MAGIC.length;

    /** Of columns whose values are written once and stand for many rows. */
    public static final long UNKNOWN = Long.MAX_VALUE;

    /** What a Parquet file begins with. */
    public static ByteBuffer magic() {
        return ByteBuffer.wrap(MAGIC.clone());
    }

    /** Size of the file that the row groups make. */
    public long imageBytes() {
        return MAGIC.length + bytes + footer.length;
    }
}
