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

    /** Devices that CUDA shows to this process; takes no memory on them. */
    public static int count() {
        int[] count = new int[1];
        CudaCalls.check(JCuda.cudaGetDeviceCount(count), "cudaGetDeviceCount");
        return count[0];
    }

    /** The name of the device at {@code index} that no other has, as {@code nvidia-smi -L} writes it. */
    public static String uuid(int index) {
        return GpuUuid.format(properties(index).uuid.bytes);
    }

    /** Asks CUDA about the device at {@code index}. */
    public static GpuDevice query(int index) {
        cudaDeviceProp facts = properties(index);
        return new GpuDevice(index, facts.getName().trim(), facts.major, facts.minor, facts.totalGlobalMem);
    }

    private static cudaDeviceProp properties(int index) {
        cudaDeviceProp properties = new cudaDeviceProp();
        CudaCalls.check(JCuda.cudaGetDeviceProperties(properties, index), "cudaGetDeviceProperties");
        return properties;
    }

    /**
     * Makes this the device of the calling thread. Cheap enough for every entry from outside (below a microsecond), and
     * needed at each, because another library may have chosen another device since.
     */
    public void bind() {
        CudaCalls.check(JCuda.cudaSetDevice(index), "cudaSetDevice");
    }

    /**
     * Lets threads that wait for this GPU give their core away: more of them wait than there are cores. Has no effect
     * where another library has begun to use the GPU and CUDA is too old to change it then.
     */
    public void yieldWhileWaiting() {
        if (JCuda.cudaSetDeviceFlags(JCuda.cudaDeviceScheduleYield) != 0) {
            JCuda.cudaGetLastError();
        }
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
