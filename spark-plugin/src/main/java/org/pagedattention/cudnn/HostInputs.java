package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/** Inputs in pinned memory, from where the GPU fetches them. */
record HostInputs(MemoryBlock queryBlock, MemoryBlock keyBlock, MemoryBlock valueBlock) implements BatchInputs {

    static HostInputs take(MemoryPool pinned, AttentionSpec spec, int queryTokens, int containerTokens) {
        long width = spec.type().bytes();
        try (HostBlocks blocks = new HostBlocks(pinned)) {
            HostInputs inputs = new HostInputs(
                    blocks.take(queryTokens * width, spec.queryElements()),
                    blocks.take(containerTokens * width, spec.keyElements()),
                    blocks.take(containerTokens * width, spec.valueElements()));
            blocks.keep();
            return inputs;
        }
    }

    @Override
    public ByteBuffer queries() {
        return queryBlock.buffer();
    }

    @Override
    public ByteBuffer keys() {
        return keyBlock.buffer();
    }

    @Override
    public ByteBuffer values() {
        return valueBlock.buffer();
    }

    @Override
    public void close() {
        queryBlock.close();
        keyBlock.close();
        valueBlock.close();
    }
}
