package org.pagedattention.tensor;

import java.nio.ByteBuffer;

/** A matrix as a checkpoint holds it, which may be larger than any buffer. */
public interface StoredRows {

    ElementType type();

    /** {@code [rows, columns]}. */
    Shape shape();

    /** The bytes of some rows, little-endian, row after row; they may be those of a mapped file. */
    ByteBuffer rows(int first, int count);
}
