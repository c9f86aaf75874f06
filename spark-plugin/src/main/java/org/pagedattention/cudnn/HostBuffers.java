package org.pagedattention.cudnn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/**
 * The pinned memory of what one batch gives, and of what it takes to launch it.
 *
 * @param lse null when the log-sum-exp is not wanted
 * @param tables lengths, page tables and numbers; null when nothing will run
 */
record HostBuffers(
        MemoryBlock output,
        @Nullable MemoryBlock lse,
        @Nullable MemoryBlock tables) implements AutoCloseable {
    private static final byte[] NANS = new byte[1 << 16];

    static {
        Arrays.fill(NANS, (byte) 0xff);
    }

    static HostBuffers allocate(MemoryPool pinned, BatchPlan plan) {
        AttentionSpec spec = plan.spec();
        long tokens = plan.pages().queryTokens();
        BatchPlan.Execution execution = plan.execution();
        try (HostBlocks blocks = new HostBlocks(pinned)) {
            HostBuffers buffers = new HostBuffers(
                    blocks.take(tokens * spec.type().bytes(), spec.outputElements()),
                    plan.wantLse() ? blocks.take(tokens * Float.BYTES, spec.queryHeads()) : null,
                    execution == null ? null : blocks.take(1, execution.tables().hostBytes()));
            blocks.keep();
            return buffers;
        }
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
        for (MemoryBlock block : new MemoryBlock[] {output, lse, tables}) {
            if (block != null) {
                block.close();
            }
        }
    }
}
