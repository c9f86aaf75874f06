package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.CudaFatalException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.pagedattention.gpu.GpuFatalException;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.gpu.MemoryUse;

/**
 * The one place where cuDF's errors become ours. cuDF throws {@link OutOfMemoryError} when a GPU has no memory left, for
 * which Spark ends the executor, although a smaller batch may well fit.
 */
public final class CudfErrors {
    private static final List<MemoryUse> USES =
            ServiceLoader.load(MemoryUse.class, CudfErrors.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    private CudfErrors() {}

    /**
     * Calls cuDF.
     *
     * @param what the memory is for, for the message
     * @param bytes about how much the call needs
     * @throws GpuFatalException when the CUDA context is lost
     * @throws GpuOutOfMemoryException when a smaller call may succeed
     */
    public static <T> T call(String what, long bytes, Supplier<T> action) {
        try {
            USES.forEach(use -> use.before(what, bytes));
            return action.get();
        } catch (CudaFatalException e) {
            throw fatal(what, e);
        } catch (OutOfMemoryError e) {
            if (isJavaHeap(e)) {
                throw e;
            }
            GpuOutOfMemoryException ours = new GpuOutOfMemoryException("GPU memory for " + what, bytes, -1);
            ours.initCause(e);
            throw ours;
        }
    }

    private static GpuFatalException fatal(String what, CudaFatalException cause) {
        GpuFatalException ours = new GpuFatalException(what + " failed: " + cause.getMessage()
                + "; the CUDA context of this process is lost: restart the executor");
        ours.initCause(cause);
        return ours;
    }

    /** The JVM's own errors name the heap or its limits; cuDF's name an allocator. */
    private static boolean isJavaHeap(OutOfMemoryError error) {
        String message = String.valueOf(error.getMessage());
        return message.startsWith("Java heap")
                || message.startsWith("GC overhead")
                || message.startsWith("Requested array size")
                || message.startsWith("Metaspace")
                || message.startsWith("unable to create");
    }
}
