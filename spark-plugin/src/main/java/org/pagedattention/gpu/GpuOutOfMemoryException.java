package org.pagedattention.gpu;

import org.pagedattention.device.DeviceMemoryException;

/** Memory ran out, after unused pooled memory was given back. A smaller batch may fit, so this can be retried. */
public final class GpuOutOfMemoryException extends DeviceMemoryException {
    private static final long serialVersionUID = 1L;

    private final long neededBytes;
    private final long freeBytes;

    /**
     * @param kind what kind of memory, such as "device memory"
     * @param neededBytes size of the request; 0 when not known
     * @param freeBytes what was free; negative when not known
     */
    public GpuOutOfMemoryException(String kind, long neededBytes, long freeBytes) {
        super("out of " + kind + ": " + (neededBytes > 0 ? mebibytes(neededBytes) : "more") + " needed"
                + (freeBytes < 0 ? "" : ", " + mebibytes(freeBytes) + " free")
                + "; lower spark.pagedAttention.batch.maxBytes, or run fewer tasks on this GPU");
        this.neededBytes = neededBytes;
        this.freeBytes = freeBytes;
    }

    public long neededBytes() {
        return neededBytes;
    }

    /** Bytes that were free; negative when not known. */
    public long freeBytes() {
        return freeBytes;
    }

    private static String mebibytes(long bytes) {
        return ((bytes + (1 << 20) - 1) >> 20) + " MiB";
    }
}
