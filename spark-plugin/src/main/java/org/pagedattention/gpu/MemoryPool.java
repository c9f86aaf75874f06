package org.pagedattention.gpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps blocks for the next user, because both {@code cudaMalloc} and {@code cudaHostAlloc} are slow. Thread-safe. */
public final class MemoryPool implements AutoCloseable {
    private final MemorySource source;
    private final long maxIdleBytes;
    private final TreeMap<Long, Deque<Allocation>> idle = new TreeMap<>();
    private long idleBytes;
    private long usedBytes;
    private boolean closed;

    /**
     * What a pool holds.
     *
     * @param usedBytes bytes in blocks that somebody uses
     * @param idleBytes bytes in blocks that wait for a user
     */
    public record Usage(long usedBytes, long idleBytes) {}

    /**
     * @param maxIdleBytes unused blocks beyond this are given back to the source
     */
    public MemoryPool(MemorySource source, long maxIdleBytes) {
        this.source = source;
        this.maxIdleBytes = maxIdleBytes;
    }

    /** A pool of memory of the device that is current on the calling threads. */
    public static MemoryPool ofDevice(long maxIdleBytes) {
        return new MemoryPool(new DeviceMemory(), maxIdleBytes);
    }

    /** A pool of pinned host memory. */
    public static MemoryPool ofPinned(long maxIdleBytes) {
        return new MemoryPool(new PinnedMemory(), maxIdleBytes);
    }

    /**
     * Takes a block of at least {@code bytes}; its content is whatever was there.
     *
     * @throws GpuOutOfMemoryException when there is none, even after giving idle blocks back
     */
    public synchronized MemoryBlock acquire(long bytes) {
        long size = SizeClass.of(bytes);
        Allocation allocation = takeIdle(size);
        if (allocation == null) {
            allocation = allocate(size);
        }
        usedBytes += allocation.bytes();
        return new MemoryBlock(this, allocation);
    }

    public synchronized Usage usage() {
        return new Usage(usedBytes, idleBytes);
    }

    /** Gives all idle blocks back to the source. */
    public synchronized void trim() {
        for (Deque<Allocation> blocks : idle.values()) {
            blocks.forEach(source::free);
        }
        idle.clear();
        idleBytes = 0;
    }

    /** Gives idle blocks back; blocks in use are freed when their users close them. */
    @Override
    public synchronized void close() {
        closed = true;
        trim();
    }

    synchronized void release(Allocation allocation) {
        usedBytes -= allocation.bytes();
        if (closed || idleBytes + allocation.bytes() > maxIdleBytes) {
            source.free(allocation);
            return;
        }
        idleBytes += allocation.bytes();
        idle.computeIfAbsent(allocation.bytes(), size -> new ArrayDeque<>()).push(allocation);
    }

    private @Nullable Allocation takeIdle(long size) {
        Map.Entry<Long, Deque<Allocation>> entry = idle.ceilingEntry(size);
        // a far larger block is left to those who need it
        if (entry == null || entry.getKey() / 2 > size) {
            return null;
        }
        Allocation allocation = entry.getValue().pop();
        if (entry.getValue().isEmpty()) {
            idle.remove(entry.getKey());
        }
        idleBytes -= allocation.bytes();
        return allocation;
    }

    private Allocation allocate(long size) {
        try {
            return source.allocate(size);
        } catch (GpuOutOfMemoryException e) {
            if (idleBytes == 0) {
                throw e;
            }
            trim();
            return source.allocate(size);
        }
    }
}
