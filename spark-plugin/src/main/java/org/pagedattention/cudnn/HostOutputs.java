package org.pagedattention.cudnn;

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
    static HostOutputs take(MemoryPool pinned, AttentionSpec spec, long queryTokens, boolean wantLse) {
        try (HostBlocks blocks = new HostBlocks(pinned)) {
            HostOutputs outputs = new HostOutputs(
                    blocks.take(queryTokens * spec.type().bytes(), spec.outputElements()),
                    wantLse ? blocks.take(queryTokens * Float.BYTES, spec.queryHeads()) : null);
            blocks.keep();
            return outputs;
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
