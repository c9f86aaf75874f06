package org.pagedattention.cudnn.device;

import org.pagedattention.device.GpuLimits;

/**
 * Memory that one device's pools may hold.
 *
 * @param deviceBytes memory of the GPU
 * @param pinnedBytes pinned memory of the host
 */
record GpuBudget(long deviceBytes, long pinnedBytes) {
    private static final long LEAST_DEVICE_BYTES = 64L << 20;
    private static final long PINNED_BYTES_A_STREAM = 1L << 30;
    /** Two batches of the default size, the one being read and the one on the GPU, with their outputs. */
    private static final long PINNED_BYTES_A_TASK = 256L << 20;

    /** More than this share of the host is for the user to decide, because pinned memory is lost to all others. */
    private static final int HOST_SHARES = 4;

    /**
     * What {@code limits} come to on a machine.
     *
     * @param freeDeviceBytes memory of the GPU that nobody has taken
     * @param hostBytes all memory of the host
     * @param processors of the host: as many tasks may fill batches at once
     * @throws IllegalArgumentException when the machine has less than what is asked for
     * @throws IllegalStateException when the GPU has too little left to work with
     */
    static GpuBudget of(GpuLimits limits, long freeDeviceBytes, long hostBytes, int processors) {
        long deviceBytes = (long) (limits.memoryFraction() * freeDeviceBytes);
        if (deviceBytes < LEAST_DEVICE_BYTES) {
            throw new IllegalStateException("too little GPU memory: " + mebibytes(freeDeviceBytes)
                    + " free, of which spark.pagedAttention.gpu.memoryFraction " + limits.memoryFraction() + " allows "
                    + mebibytes(deviceBytes) + ", and the least is " + mebibytes(LEAST_DEVICE_BYTES)
                    + ": raise it, or stop what else runs on this GPU");
        }
        if (limits.pinnedBytes() > hostBytes) {
            throw new IllegalArgumentException("spark.pagedAttention.gpu.pinnedBytes asks for "
                    + mebibytes(limits.pinnedBytes()) + ", and this host has " + mebibytes(hostBytes)
                    + " in all: lower it, or set it to auto");
        }
        long wanted = Math.max(limits.concurrentBatches() * PINNED_BYTES_A_STREAM, processors * PINNED_BYTES_A_TASK);
        long automatic = Math.min(hostBytes / HOST_SHARES, wanted);
        return new GpuBudget(deviceBytes, limits.pinnedBytes() > 0 ? limits.pinnedBytes() : automatic);
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
