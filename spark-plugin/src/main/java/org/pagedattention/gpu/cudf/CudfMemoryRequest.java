package org.pagedattention.gpu.cudf;

/**
 * How much memory cuDF may take. Pure: what is free is passed in.
 *
 * @param fraction share of free device memory
 * @param pinnedBytes pinned host memory; rounded up to what a pool can have
 */
public record CudfMemoryRequest(double fraction, long pinnedBytes) {
    /** cuDNN's workspaces and CUDA's own needs are met from what the pool leaves. */
    static final long HEAD_ROOM = 640L << 20;

    static final long SMALLEST = 256L << 20;
    private static final long ALIGNMENT = 512;

    public CudfMemoryRequest {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "spark.pagedAttention.gpu.memoryFraction is " + fraction + ": set it above 0 and up to 1");
        }
        if (pinnedBytes < 0) {
            throw new IllegalArgumentException("negative size: " + pinnedBytes);
        }
        // pools of other sizes are refused
        pinnedBytes = (pinnedBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /**
     * Size of the pool on a device with {@code freeBytes}.
     *
     * @throws IllegalStateException when that is too little to work with
     */
    long poolBytes(long freeBytes) {
        long share = (long) (Math.max(0, freeBytes - HEAD_ROOM) * fraction);
        long bytes = share / ALIGNMENT * ALIGNMENT;
        if (bytes < SMALLEST) {
            throw new IllegalStateException("GPU memory pool would have " + (bytes >> 20) + " MiB, at least "
                    + (SMALLEST >> 20) + " MiB are needed: " + (freeBytes >> 20) + " MiB are free, "
                    + (HEAD_ROOM >> 20) + " MiB stay for cuDNN, and spark.pagedAttention.gpu.memoryFraction is "
                    + fraction + "; free the GPU, or raise the fraction");
        }
        return bytes;
    }
}
