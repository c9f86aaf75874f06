package org.pagedattention.cudnn.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import jcuda.jcudnn.JCudnn;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.graph.PlanLeases;
import org.pagedattention.cudnn.library.CudnnVersion;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.HostMemory;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.gpu.cudf.ProcessMemory;

/**
 * What all backends of one device share: memory pools, lanes and plans. Lives as long as somebody uses it, so that plans
 * survive from one backend to the next.
 */
public final class SharedDevice {
    private static final System.Logger LOG = System.getLogger(SharedDevice.class.getName());
    private static final Map<Integer, SharedDevice> IN_USE = new HashMap<>();

    private final GpuDevice gpu;
    private final GpuLimits limits;
    private final CudnnVersion version;
    private final MemoryPool pinned;
    private final MemoryPool memory;
    private final long memoryBudget;
    private final PlanCache plans;
    private final Flights flights;
    private final SpareMemory spare = new SpareMemory();
    private final List<Lane> lanes = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final AtomicInteger nextLane = new AtomicInteger();
    private final AtomicLong workNanos = new AtomicLong();
    private int users;

    private SharedDevice(int index, GpuLimits limits) {
        this.limits = limits;
        flights = new Flights(limits.concurrentBatches());
        gpu = GpuDevice.query(index);
        gpu.bind();
        gpu.yieldWhileWaiting();
        version = CudnnVersion.of(JCudnn.cudnnGetVersion());
        ProcessMemory source = new ProcessMemory();
        GpuBudget budget = GpuBudget.of(
                limits,
                source.freeBytes(),
                HostMemory.totalBytes(),
                Runtime.getRuntime().availableProcessors());
        ProcessMemory.found().ifPresent(text -> LOG.log(System.Logger.Level.INFO, () -> gpu + ": " + text));
        try {
            pinned = own(MemoryPool.ofPinned(budget.pinnedBytes()));
            memoryBudget = budget.deviceBytes();
            memory = own(new MemoryPool(source, memoryBudget));
            plans = own(new PlanCache(gpu, pinned, memory, PlanCache.MOST_PLANS, StoredPlans.of(gpu, version)));
            for (int i = 0; i < limits.concurrentBatches(); i++) {
                lanes.add(own(new Lane(pinned)));
            }
        } catch (RuntimeException e) {
            free();
            throw e;
        }
    }

    /**
     * The shared state of the device at {@code index}; each call needs one {@link #release}.
     *
     * @param limits count for the first user, and so for those who come while there is one
     */
    public static SharedDevice acquire(int index, GpuLimits limits) {
        synchronized (IN_USE) {
            SharedDevice device = IN_USE.computeIfAbsent(index, i -> new SharedDevice(i, limits));
            if (!device.limits.equals(limits)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> device.gpu + " is in use with " + device.limits + ": " + limits + " has no effect here");
            }
            device.users++;
            return device;
        }
    }

    /** Frees everything when the last user leaves. */
    public void release() {
        synchronized (IN_USE) {
            users--;
            if (users == 0) {
                IN_USE.remove(gpu.index());
                free();
            }
        }
    }

    /** Makes this the device of the calling thread. */
    public void bind() {
        gpu.bind();
    }

    public GpuDevice gpu() {
        return gpu;
    }

    public CudnnVersion version() {
        return version;
    }

    public MemoryPool pinned() {
        return pinned;
    }

    public MemoryPool memory() {
        return memory;
    }

    /** Device memory that is given up where there is too little. */
    public SpareMemory spare() {
        return spare;
    }

    /** Bytes of device memory that whoever works here may hold in all. */
    public long memoryBudget() {
        return memoryBudget;
    }

    /** Batches that may be on the device at once. */
    public int concurrentBatches() {
        return limits.concurrentBatches();
    }

    /**
     * Takes a place for one batch and {@code bytes} of device memory; waits while there are as many batches as may be.
     *
     * @param planned the graphs that it launches
     */
    public InFlight begin(Collection<? extends PlanCache.Planned<?>> planned, long bytes) {
        PlanLeases leases = plans.lease(planned);
        try {
            return InFlight.begin(flights, memory, bytes, leases, spare);
        } catch (RuntimeException e) {
            leases.close();
            throw e;
        }
    }

    public PlanCache plans() {
        return plans;
    }

    /** Counts time that a batch took on the device. */
    public void worked(long nanos) {
        workNanos.addAndGet(nanos);
    }

    /** Time of all batches together; batches that overlap count in full. */
    public long workNanos() {
        return workNanos.get();
    }

    /** Bytes moved to and from the device. */
    public long copiedBytes() {
        return lanes.stream().mapToLong(lane -> lane.stream().copiedBytes()).sum();
    }

    /** Bytes moved to the device. */
    public long uploadedBytes() {
        return lanes.stream().mapToLong(lane -> lane.stream().uploadedBytes()).sum();
    }

    /** Lanes in turn. */
    public Lane nextLane() {
        return lanes.get(Math.floorMod(nextLane.getAndIncrement(), lanes.size()));
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    /** Frees everything, the newest first; what cannot be freed does not keep the rest. */
    private void free() {
        gpu.bind();
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "cannot free a resource of " + gpu, e);
            }
        }
    }
}
