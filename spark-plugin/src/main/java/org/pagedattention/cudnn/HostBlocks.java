package org.pagedattention.cudnn;

import java.util.ArrayDeque;
import java.util.Deque;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/** Takes several blocks of pinned memory, all of them or none. */
final class HostBlocks implements AutoCloseable {
    private final MemoryPool pinned;
    private final Deque<MemoryBlock> taken = new ArrayDeque<>();

    HostBlocks(MemoryPool pinned) {
        this.pinned = pinned;
    }

    MemoryBlock take(long rows, long rowBytes) {
        long bytes = rows * rowBytes;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a tensor of " + bytes + " bytes is too large for one batch: lower "
                    + "spark.pagedAttention.batch.maxBytes so that each of Q, K, V and O stays below 2 GiB");
        }
        MemoryBlock block = pinned.acquire(bytes);
        taken.push(block);
        return block;
    }

    /** From now on the blocks are their user's. */
    void keep() {
        taken.clear();
    }

    @Override
    public void close() {
        taken.forEach(MemoryBlock::close);
    }
}
