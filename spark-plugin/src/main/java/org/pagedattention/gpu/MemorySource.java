package org.pagedattention.gpu;

/** Where memory comes from: CUDA itself, or a pool that another library already holds. */
public interface MemorySource {

    /**
     * Takes {@code bytes}, aligned for any use.
     *
     * @throws GpuOutOfMemoryException when there is not enough
     */
    Allocation allocate(long bytes);

    void free(Allocation allocation);

    /** Whether freed memory costs nothing to have again, so that nobody needs to keep it. */
    default boolean isPool() {
        return false;
    }

    /** Memory of the device that is current on the calling thread, from CUDA. */
    static MemorySource ofDevice() {
        return new DeviceMemory();
    }
}
