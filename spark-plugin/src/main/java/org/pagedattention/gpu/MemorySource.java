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
}
