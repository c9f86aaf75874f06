package org.pagedattention.columns;

import java.nio.ByteBuffer;
import java.util.List;

/** Bytes in host memory, more than one buffer may hold. */
public interface HostBytes {

    long size();

    /** The bytes from {@code from} up to {@code to}, in as many buffers as it takes. */
    List<ByteBuffer> slices(long from, long to);
}
