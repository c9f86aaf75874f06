package org.pagedattention.cudnn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import jcuda.jcudnn.JCudnn;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.MemoryPool;

/**
 * What all backends of one device share: memory pools, lanes and plans. Lives as long as somebody uses it, so that plans
 * survive from one backend to the next.
 */
final class SharedDevice {
    private static final System.Logger LOG = System.getLogger(SharedDevice.class.getName());
    private static final Map<Integer, SharedDevice> IN_USE = new HashMap<>();

    /** Lanes overlap one batch's copies with another's arithmetic; more than a few gain nothing. */
    private static final int LANES = 4;

    private static final long PINNED_IDLE_BYTES = 4L << 30;

    private final GpuDevice gpu;
    private final CudnnVersion version;
    private final MemoryPool pinned;
    private final MemoryPool memory;
    private final PlanCache plans;
    private final List<Lane> lanes = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final AtomicInteger nextLane = new AtomicInteger();
    private final AtomicLong workNanos = new AtomicLong();
    private int users;

    private SharedDevice(int index) {
        gpu = GpuDevice.query(index);
        gpu.bind();
        version = CudnnVersion.of(JCudnn.cudnnGetVersion());
        try {
            pinned = own(MemoryPool.ofPinned(PINNED_IDLE_BYTES));
            memory = own(MemoryPool.ofDevice(gpu.totalBytes() / 2));
            plans = own(new PlanCache(version, pinned));
            for (int i = 0; i < LANES; i++) {
                lanes.add(own(new Lane(pinned)));
            }
        } catch (RuntimeException e) {
            free();
            throw e;
        }
    }

    /** The shared state of the device at {@code index}; each call needs one {@link #release}. */
    static SharedDevice acquire(int index) {
        synchronized (IN_USE) {
            SharedDevice device = IN_USE.computeIfAbsent(index, SharedDevice::new);
            device.users++;
            return device;
        }
    }

    /** Frees everything when the last user leaves. */
    void release() {
        synchronized (IN_USE) {
            users--;
            if (users == 0) {
                IN_USE.remove(gpu.index());
                free();
            }
        }
    }

    /** Makes this the device of the calling thread. */
    void bind() {
        gpu.bind();
    }

    GpuDevice gpu() {
        return gpu;
    }

    CudnnVersion version() {
        return version;
    }

    ShapeBuckets buckets() {
        return ShapeBuckets.of(gpu, version);
    }

    MemoryPool pinned() {
        return pinned;
    }

    MemoryPool memory() {
        return memory;
    }

    PlanCache plans() {
        return plans;
    }

    /** Counts time that a batch took on the device. */
    void worked(long nanos) {
        workNanos.addAndGet(nanos);
    }

    /** Time of all batches together; batches that overlap count in full. */
    long workNanos() {
        return workNanos.get();
    }

    /** Bytes moved to and from the device. */
    long copiedBytes() {
        return lanes.stream().mapToLong(lane -> lane.stream().copiedBytes()).sum();
    }

    /** Lanes in turn. */
    Lane nextLane() {
        return lanes.get(Math.floorMod(nextLane.getAndIncrement(), LANES));
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
