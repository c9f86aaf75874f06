package org.pagedattention.gpu;

import java.util.function.LongSupplier;
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
            throw failure(status, call);
        }
    }

    /**
     * As {@link #check}, for a call that asked for memory.
     *
     * @param kind of memory, such as "device memory"
     * @param freeBytes what is free; asked only after a failure
     */
    static void checkAllocation(int status, String call, String kind, long bytes, LongSupplier freeBytes) {
        if (CudaStatus.of(status) == CudaStatus.OUT_OF_MEMORY) {
            forgetLastError();
            throw new GpuOutOfMemoryException(kind, bytes, freeBytes.getAsLong());
        }
        check(status, call);
    }

    /** Throws when an earlier call broke the context, naming {@code call} as the one that noticed. */
    public static void checkContext(String call) {
        int status = JCuda.cudaDeviceSynchronize();
        if (CudaStatus.of(status) == CudaStatus.FATAL) {
            throw failure(status, call);
        }
    }

    private static RuntimeException failure(int status, String call) {
        String text = call + " failed: " + JCuda.cudaGetErrorName(status) + " (" + status + "), "
                + JCuda.cudaGetErrorString(status);
        return switch (CudaStatus.of(status)) {
            case FATAL ->
                new GpuFatalException(text + "; the CUDA context of this process is lost: restart the executor");
            case OUT_OF_MEMORY -> {
                forgetLastError();
                yield new GpuOutOfMemoryException("memory in " + call, 0, -1);
            }
            default -> {
                forgetLastError();
                yield new GpuException(text);
            }
        };
    }

    /** The runtime repeats an error until it is read. */
    private static void forgetLastError() {
        JCuda.cudaGetLastError();
    }
}
