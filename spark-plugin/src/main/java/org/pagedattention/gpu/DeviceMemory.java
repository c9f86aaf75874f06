package org.pagedattention.gpu;

import jcuda.runtime.JCuda;

/** Memory of the current device. */
final class DeviceMemory implements MemorySource {

    @Override
    public Allocation allocate(long bytes) {
        Address address = new Address();
        CudaCalls.checkAllocation(JCuda.cudaMalloc(address, bytes), "cudaMalloc", bytes);
        return new Allocation(address.value(), bytes, null);
    }

    @Override
    public void free(Allocation allocation) {
        CudaCalls.check(JCuda.cudaFree(new Address(allocation.address())), "cudaFree");
    }
}
