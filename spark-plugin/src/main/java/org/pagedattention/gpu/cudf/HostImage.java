package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.HostMemoryAllocator;
import ai.rapids.cudf.HostMemoryBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Host memory of any size that the GPU reads and writes fast: pinned while the pool lasts. */
public final class HostImage implements AutoCloseable {
    private static final int LARGEST_SLICE = 1 << 28;

    private final HostMemoryBuffer buffer;
    private final long bytes;
    private boolean open = true;

    /** Takes over the first {@code bytes} of {@code buffer}, which this closes. */
    public HostImage(HostMemoryBuffer buffer, long bytes) {
        this.buffer = buffer;
        this.bytes = bytes;
    }

    /** Where cuDF takes memory for what is to become an image. */
    public static HostMemoryAllocator allocator() {
        return PinnedFirst.ALLOCATOR;
    }

    public static HostImage allocate(long bytes) {
        return new HostImage(PinnedFirst.ALLOCATOR.allocate(Math.max(1, bytes)), bytes);
    }

    public long bytes() {
        return bytes;
    }

    /** The memory from {@code offset} on, at most {@code limit} bytes and at most what one buffer can hold. */
    public ByteBuffer slice(long offset, long limit) {
        return buffer.asByteBuffer(offset, (int) Math.min(limit, LARGEST_SLICE));
    }

    /** All memory from {@code from} up to {@code to}, in as many buffers as it takes. */
    public List<ByteBuffer> slices(long from, long to) {
        List<ByteBuffer> slices = new ArrayList<>();
        for (long at = from; at < to; at += LARGEST_SLICE) {
            slices.add(slice(at, to - at));
        }
        return slices;
    }

    /** For those who hand it to cuDF; stays owned by this. */
    public HostMemoryBuffer buffer() {
        return buffer;
    }

    /** Gives the memory back; doing it twice is fine. */
    @Override
    public void close() {
        if (open) {
            open = false;
            buffer.close();
        }
    }
}
