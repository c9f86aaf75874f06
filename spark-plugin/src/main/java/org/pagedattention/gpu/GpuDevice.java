package org.pagedattention.gpu;

import jcuda.runtime.JCuda;
import jcuda.runtime.cudaDeviceProp;

/**
 * One GPU, as CUDA describes it.
 *
 * @param index number among the visible devices
 * @param name product name
 * @param major major number of the compute capability
 * @param minor minor number of the compute capability
 * @param totalBytes memory
 */
public record GpuDevice(int index, String name, int major, int minor, long totalBytes) {

    /** Asks CUDA about the device at {@code index}. */
    public static GpuDevice query(int index) {
        cudaDeviceProp facts = new cudaDeviceProp();
        CudaCalls.check(JCuda.cudaGetDeviceProperties(facts, index), "cudaGetDeviceProperties");
        return new GpuDevice(index, facts.getName().trim(), facts.major, facts.minor, facts.totalGlobalMem);
    }

    /**
     * Makes this the device of the calling thread. Cheap enough for every entry from outside (below a microsecond), and
     * needed at each, because another library may have chosen another device since.
     */
    public void bind() {
        CudaCalls.check(JCuda.cudaSetDevice(index), "cudaSetDevice");
    }

    /** Bytes that nobody has taken yet, on the calling thread's device. */
    public static long freeBytes() {
        long[] free = new long[1];
        CudaCalls.check(JCuda.cudaMemGetInfo(free, new long[1]), "cudaMemGetInfo");
        return free[0];
    }

    @Override
    public String toString() {
        return "GPU " + index + ": " + name + ", compute capability " + major + "." + minor + ", " + (totalBytes >> 20)
                + " MiB";
    }
}
