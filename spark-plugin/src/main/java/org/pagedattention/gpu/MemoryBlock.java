package org.pagedattention.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;

/** Memory lent by a {@link MemoryPool}; closing gives it back. A second close does nothing. */
public final class MemoryBlock implements AutoCloseable {
    private final MemoryPool pool;
    private final Allocation allocation;
    private final AtomicBoolean lent = new AtomicBoolean(true);

    MemoryBlock(MemoryPool pool, Allocation allocation) {
        this.pool = pool;
        this.allocation = allocation;
        NativeHandles.opened();
    }

    /** Address of the first byte. */
    public long address() {
        return allocation.address();
    }

    /** Size, which may be more than was asked for. */
    public long bytes() {
        return allocation.bytes();
    }

    /**
     * The block as a little-endian buffer from position 0.
     *
     * @throws IllegalStateException for memory that the CPU cannot reach
     */
    public ByteBuffer buffer() {
        ByteBuffer view = allocation.view();
        if (view == null) {
            throw new IllegalStateException("device memory has no buffer");
        }
        return view.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        if (lent.compareAndSet(true, false)) {
            NativeHandles.closed();
            pool.release(allocation);
        }
    }
}
