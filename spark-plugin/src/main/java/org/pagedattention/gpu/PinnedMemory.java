package org.pagedattention.gpu;

import jcuda.runtime.JCuda;

/** Host memory that the GPU copies from and to without the CPU's help. */
final class PinnedMemory implements MemorySource {

    private static final long UNKNOWN = -1;

    @Override
    public Allocation allocate(long bytes) {
        Address address = new Address();
        int status = JCuda.cudaHostAlloc(address, bytes, JCuda.cudaHostAllocPortable);
        CudaCalls.checkAllocation(status, "cudaHostAlloc", "pinned host memory", bytes, () -> UNKNOWN);
        return new Allocation(address.value(), bytes, address.getByteBuffer());
    }

    @Override
    public void free(Allocation allocation) {
        CudaCalls.check(JCuda.cudaFreeHost(new Address(allocation.address())), "cudaFreeHost");
    }
}
