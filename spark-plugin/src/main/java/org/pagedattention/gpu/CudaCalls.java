package org.pagedattention.gpu;

import jcuda.runtime.JCuda;

/** The one place where statuses of the CUDA runtime become exceptions. */
public final class CudaCalls {
    private CudaCalls() {}

    /**
     * Returns when {@code status} is success.
     *
     * @param call the function that returned it
     * @throws GpuFatalException when the context is broken
     * @throws GpuOutOfMemoryException when memory ran out
     * @throws GpuException for every other failure
     */
    public static void check(int status, String call) {
        if (status != 0) {
            throw failure(status, call, 0);
        }
    }

    /** As {@link #check}, for a call that asked for {@code bytes}. */
    static void checkAllocation(int status, String call, long bytes) {
        if (status != 0) {
            throw failure(status, call, bytes);
        }
    }

    /** Throws when an earlier call broke the context, naming {@code call} as the one that noticed. */
    public static void checkContext(String call) {
        int status = JCuda.cudaDeviceSynchronize();
        if (CudaStatus.of(status) == CudaStatus.FATAL) {
            throw failure(status, call, 0);
        }
    }

    private static RuntimeException failure(int status, String call, long bytes) {
        String text = call + " failed: " + JCuda.cudaGetErrorName(status) + " (" + status + "), "
                + JCuda.cudaGetErrorString(status);
        return switch (CudaStatus.of(status)) {
            case OUT_OF_MEMORY -> {
                // the runtime keeps the last error until it is read; this one is dealt with here
                JCuda.cudaGetLastError();
                yield new GpuOutOfMemoryException("memory in " + call, bytes, freeDeviceBytes());
            }
            case FATAL ->
                new GpuFatalException(text + "; the CUDA context of this process is lost: restart the executor");
            default -> {
                JCuda.cudaGetLastError();
                yield new GpuException(text);
            }
        };
    }

    private static long freeDeviceBytes() {
        long[] free = new long[1];
        return JCuda.cudaMemGetInfo(free, new long[1]) == 0 ? free[0] : -1;
    }
}
