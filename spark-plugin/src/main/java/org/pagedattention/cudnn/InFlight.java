package org.pagedattention.cudnn;

import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.MemoryBlock;

/**
 * What a launched batch holds until the GPU is done with it.
 *
 * @param memory its device memory
 * @param started reached when the GPU begins with the batch
 * @param finished reached when results are in host memory
 */
record InFlight(MemoryBlock memory, GpuEvent started, GpuEvent finished) implements AutoCloseable {

    static InFlight of(MemoryBlock memory) {
        GpuEvent started = null;
        try {
            started = GpuEvent.forTiming();
            return new InFlight(memory, started, GpuEvent.forWaiting());
        } catch (RuntimeException e) {
            if (started != null) {
                started.close();
            }
            memory.close();
            throw e;
        }
    }

    /** Waits for the GPU and returns how long the batch took there, in nanoseconds. */
    long await() {
        finished.synchronize();
        return (long) (1e6 * finished.millisSince(started));
    }

    /** Gives everything back; the GPU must be done. */
    @Override
    public void close() {
        try (memory;
                started) {
            finished.close();
        }
    }
}
