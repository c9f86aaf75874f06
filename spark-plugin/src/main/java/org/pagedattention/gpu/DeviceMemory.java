package org.pagedattention.gpu;

import jcuda.runtime.JCuda;

/** Memory of the current device. */
final class DeviceMemory implements MemorySource {

    @Override
    public Allocation allocate(long bytes) {
        Address address = new Address();
        int status = JCuda.cudaMalloc(address, bytes);
        CudaCalls.checkAllocation(status, "cudaMalloc", "device memory", bytes, GpuDevice::freeBytes);
        return new Allocation(address.value(), bytes, null);
    }

    @Override
    public void free(Allocation allocation) {
        CudaCalls.check(JCuda.cudaFree(new Address(allocation.address())), "cudaFree");
    }
}
