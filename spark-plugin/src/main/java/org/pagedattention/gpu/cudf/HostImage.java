package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.HostMemoryBuffer;
import java.nio.ByteBuffer;

/** Host memory of any size that the GPU reads fast: pinned while the pool lasts. */
public final class HostImage implements AutoCloseable {
    private static final int LARGEST_SLICE = 1 << 28;

    private final HostMemoryBuffer buffer;

    private HostImage(HostMemoryBuffer buffer) {
        this.buffer = buffer;
    }

    public static HostImage allocate(long bytes) {
        return new HostImage(HostMemoryBuffer.allocate(bytes, true));
    }

    public long bytes() {
        return buffer.getLength();
    }

    /** The memory from {@code offset} on, at most {@code limit} bytes and at most what one buffer can hold. */
    public ByteBuffer slice(long offset, long limit) {
        return buffer.asByteBuffer(offset, (int) Math.min(limit, LARGEST_SLICE));
    }

    /** For those who hand it to cuDF; stays owned by this. */
    public HostMemoryBuffer buffer() {
        return buffer;
    }

    @Override
    public void close() {
        buffer.close();
    }
}
