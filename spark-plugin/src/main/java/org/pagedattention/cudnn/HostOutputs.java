package org.pagedattention.cudnn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/**
 * The pinned memory of what one batch gives.
 *
 * @param lse null when the log-sum-exp is not wanted
 */
record HostOutputs(MemoryBlock output, @Nullable MemoryBlock lse) implements AutoCloseable {
    private static final byte[] NANS = new byte[1 << 16];

    static {
        Arrays.fill(NANS, (byte) 0xff);
    }

    static HostOutputs take(MemoryPool pinned, AttentionSpec spec, long queryTokens, boolean wantLse) {
        try (HostBlocks blocks = new HostBlocks(pinned)) {
            HostOutputs outputs = new HostOutputs(
                    blocks.take(queryTokens * spec.type().bytes(), spec.outputElements()),
                    wantLse ? blocks.take(queryTokens * Float.BYTES, spec.queryHeads()) : null);
            blocks.keep();
            return outputs;
        }
    }

    /** Fills them with NaN. */
    void poison() {
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
        output.close();
        if (lse != null) {
            lse.close();
        }
    }
}
