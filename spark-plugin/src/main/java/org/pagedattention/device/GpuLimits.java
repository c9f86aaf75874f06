package org.pagedattention.device;

import java.io.Serializable;

/**
 * How much of a GPU and of its host's memory a backend may use.
 *
 * @param memoryFraction share of the GPU memory that is free when the backend starts, above 0 and up to 1
 * @param pinnedBytes pinned host memory to keep for further batches; 0 for the backend's own choice
 * @param concurrentBatches batches that may be on the GPU at once
 */
public record GpuLimits(double memoryFraction, long pinnedBytes, int concurrentBatches) implements Serializable {

    public GpuLimits {
        if (!(memoryFraction > 0 && memoryFraction <= 1)) {
            throw new IllegalArgumentException("GPU memory fraction " + memoryFraction
                    + " is not above 0 and up to 1: set spark.pagedAttention.gpu.memoryFraction to 0.8, say");
        }
        if (pinnedBytes < 0) {
            throw new IllegalArgumentException("pinned bytes " + pinnedBytes
                    + " are below 0: set spark.pagedAttention.gpu.pinnedBytes to a size, or to auto");
        }
        if (concurrentBatches < 1) {
            throw new IllegalArgumentException("concurrent batches " + concurrentBatches
                    + " are below 1: set spark.pagedAttention.gpu.concurrentBatches to 1 or more");
        }
    }

    /** What the settings' defaults say. */
    public static GpuLimits defaults() {
        return new GpuLimits(0.8, 0, 4);
    }
}
