package org.pagedattention.gpu.cudf;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pagedattention.gpu.Allocation;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.MemorySource;

/**
 * The one source of device memory in this process: cuDF's pool from the moment that there is one, whoever set it up, and
 * CUDA itself before that and where there is no cuDF. Loads nothing of cuDF.
 */
public final class ProcessMemory implements MemorySource {
    private static final boolean CUDF_PRESENT = CudfPresence.missing().isEmpty();

    private final MemorySource cuda;
    private final BooleanSupplier poolReady;
    private final Supplier<MemorySource> poolSource;
    private final Set<Long> fromPool = ConcurrentHashMap.newKeySet();
    private @Nullable MemorySource pool;

    public ProcessMemory() {
        this(MemorySource.ofDevice(), ProcessMemory::cudfHasMemory, RmmMemory::new);
    }

    /**
     * @param poolReady whether there is a pool
     * @param poolSource asked for once, when there is one
     */
    ProcessMemory(MemorySource cuda, BooleanSupplier poolReady, Supplier<MemorySource> poolSource) {
        this.cuda = cuda;
        this.poolReady = poolReady;
        this.poolSource = poolSource;
    }

    @Override
    public Allocation allocate(long bytes) {
        if (!poolReady.getAsBoolean()) {
            return cuda.allocate(bytes);
        }
        Allocation allocation = pool().allocate(bytes);
        fromPool.add(allocation.address());
        return allocation;
    }

    @Override
    public void free(Allocation allocation) {
        if (fromPool.remove(allocation.address())) {
            pool().free(allocation);
        } else {
            cuda.free(allocation);
        }
    }

    @Override
    public boolean isPool() {
        return poolReady.getAsBoolean();
    }

    /** Bytes that can be had, on the calling thread's device. */
    public long freeBytes() {
        return isPool() ? Cudf.freeBytes() : GpuDevice.freeBytes();
    }

    /** What somebody has set up in this process, for people; empty where memory comes from CUDA. */
    public static Optional<String> found() {
        return cudfHasMemory()
                ? Optional.of("cuDF's memory as found, " + (Cudf.freeBytes() >> 20) + " MiB left in it")
                : Optional.empty();
    }

    private static boolean cudfHasMemory() {
        return CUDF_PRESENT && Cudf.hasMemory();
    }

    private synchronized MemorySource pool() {
        if (pool == null) {
            pool = poolSource.get();
        }
        return pool;
    }
}
