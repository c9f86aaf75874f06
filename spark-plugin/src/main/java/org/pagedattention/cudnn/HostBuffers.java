package org.pagedattention.cudnn;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.paging.PagedBatch;

/**
 * The pinned memory of one batch.
 *
 * @param lse null when the log-sum-exp is not wanted
 * @param tables lengths, page tables and numbers; null when nothing will run
 */
record HostBuffers(
        MemoryBlock queries,
        MemoryBlock keys,
        MemoryBlock values,
        MemoryBlock output,
        @Nullable MemoryBlock lse,
        @Nullable MemoryBlock tables)
        implements AutoCloseable {
    private static final byte[] NANS = new byte[1 << 16];

    static {
        Arrays.fill(NANS, (byte) 0xff);
    }

    static HostBuffers allocate(MemoryPool pinned, BatchPlan plan) {
        Deque<MemoryBlock> taken = new ArrayDeque<>();
        try {
            AttentionSpec spec = plan.spec();
            PagedBatch pages = plan.pages();
            BatchPlan.Execution execution = plan.execution();
            long width = spec.type().bytes();
            return new HostBuffers(
                    take(pinned, taken, pages.queryTokens() * width, spec.queryElements()),
                    take(pinned, taken, pages.containerTokens() * width, spec.keyElements()),
                    take(pinned, taken, pages.containerTokens() * width, spec.valueElements()),
                    take(pinned, taken, pages.queryTokens() * width, spec.outputElements()),
                    plan.wantLse()
                            ? take(pinned, taken, pages.queryTokens() * (long) Float.BYTES, spec.queryHeads())
                            : null,
                    execution == null
                            ? null
                            : take(pinned, taken, 1, execution.tables().hostBytes()));
        } catch (RuntimeException e) {
            taken.forEach(MemoryBlock::close);
            throw e;
        }
    }

    private static MemoryBlock take(MemoryPool pinned, Deque<MemoryBlock> taken, long rows, long rowBytes) {
        long bytes = rows * rowBytes;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a tensor of " + bytes + " bytes is too large for one batch: lower "
                    + "spark.pagedAttention.batch.maxBytes so that each of Q, K, V and O stays below 2 GiB");
        }
        MemoryBlock block = pinned.acquire(bytes);
        taken.push(block);
        return block;
    }

    /** Fills the outputs with NaN. */
    void poisonOutputs() {
        poison(output);
        if (lse != null) {
            poison(lse);
        }
    }

    private static void poison(MemoryBlock block) {
        for (int at = 0; at < block.bytes(); at += NANS.length) {
            block.buffer().put(at, NANS, 0, (int) Math.min(NANS.length, block.bytes() - at));
        }
    }

    @Override
    public void close() {
        for (MemoryBlock block : new MemoryBlock[] {queries, keys, values, output, lse, tables}) {
            if (block != null) {
                block.close();
            }
        }
    }
}
