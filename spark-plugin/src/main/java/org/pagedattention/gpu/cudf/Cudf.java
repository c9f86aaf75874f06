package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.CudaMemInfo;
import ai.rapids.cudf.NativeDepsLoader;
import ai.rapids.cudf.PinnedMemoryPool;
import ai.rapids.cudf.Rmm;
import ai.rapids.cudf.RmmAllocationMode;
import java.lang.reflect.Field;
import java.util.Optional;

/** cuDF's memory in this process: set up once, or used as another plugin set it up. */
public final class Cudf {
    private static final System.Logger LOG = System.getLogger(Cudf.class.getName());

    private Cudf() {}

    /** Why cuDF cannot work here; empty when it can. Loads its native library once, because trying takes its time too. */
    static Optional<String> unavailable() {
        return Once.PROBLEM;
    }

    private static final class Once {
        static final Optional<String> PROBLEM = findProblem();
    }

    private static Optional<String> findProblem() {
        var unused = CudfNatives.stage();
        try {
            if (!NativeDepsLoader.libraryLoaded()) {
                return Optional.of("cuDF's native library did not load: the log says why; the cudf jar must be one with"
                        + " native code for this platform and CUDA version (classifier cuda12 or cuda13)");
            }
            return Cuda.getDeviceCount() > 0 ? Optional.empty() : Optional.of("cuDF sees no GPU");
        } catch (RuntimeException | LinkageError e) {
            return Optional.of("cuDF cannot use the GPU: " + e.getMessage());
        }
    }

    /** Whether somebody set cuDF's memory up in this process; loads nothing. */
    static boolean hasMemory() {
        return libraryIsThere() && Rmm.isInitialized();
    }

    /** Unlike cuDF's own question, which loads the library, and tries again at each call where that fails. */
    private static boolean libraryIsThere() {
        // cuDF reads once where its libraries are, and that is when it is looked at here
        var unused = CudfNatives.stage();
        try {
            Field loaded = NativeDepsLoader.class.getDeclaredField("loaded");
            loaded.setAccessible(true);
            return loaded.getBoolean(null);
        } catch (ReflectiveOperationException e) {
            return NativeDepsLoader.libraryLoaded();
        }
    }

    /** What can be had of cuDF's memory, once it is set up. */
    static long freeBytes() {
        long pool = Rmm.getPoolSize();
        return pool > 0 ? Math.max(0, pool - Rmm.getTotalBytesAllocated()) : Cuda.memGetInfo().free;
    }

    /**
     * Makes sure that cuDF has memory on {@code device}; pools that are there already are used as they are.
     *
     * @return bytes of device memory that can be had of cuDF now
     */
    public static synchronized long start(int device, CudfMemoryRequest request) {
        boolean found = Rmm.isInitialized();
        if (!found) {
            Cuda.setDevice(device);
            CudaMemInfo facts = Cuda.memGetInfo();
            long bytes = request.poolBytes(facts.free);
            CudfErrors.call("a GPU memory pool", bytes, () -> {
                // the driver's pool keeps to the order of streams, of which each thread has one of its own here
                Rmm.initialize(RmmAllocationMode.CUDA_ASYNC, null, bytes);
                return bytes;
            });
        }
        if (!PinnedMemoryPool.isInitialized()) {
            PinnedMemoryPool.initialize(request.pinnedBytes(), device);
        }
        bindThread();
        long free = freeBytes();
        LOG.log(
                System.Logger.Level.INFO,
                "cuDF''s memory {0}: {1} MiB can be had",
                found ? "was set up already, and is used as it is" : "is set up",
                free >> 20);
        return free;
    }

    /** Lets the calling thread use the device that cuDF's memory is on. */
    public static void bindThread() {
        Cuda.autoSetDevice();
    }

    /** Waits for all of cuDF's work that this thread began. */
    public static void synchronize() {
        Cuda.DEFAULT_STREAM.sync();
    }
}
