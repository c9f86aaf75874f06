package org.pagedattention.cudnn;

import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.MemoryBlock;

/**
 * What a launched batch holds until the GPU is done with it.
 *
 * @param memory its device memory
 * @param finished reached when results are in host memory
 */
record InFlight(MemoryBlock memory, GpuEvent finished) implements AutoCloseable {

    static InFlight of(MemoryBlock memory) {
        try {
            return new InFlight(memory, GpuEvent.forWaiting());
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** Waits for the GPU, then gives everything back. */
    @Override
    public void close() {
        try (memory;
                finished) {
            finished.synchronize();
        }
    }
}
