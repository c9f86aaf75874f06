package org.pagedattention.gpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blocks for the next user, because both {@code cudaMalloc} and {@code cudaHostAlloc} are slow; unless the source
 * is a pool of somebody's already. Thread-safe.
 */
public final class MemoryPool implements AutoCloseable {
    private final MemorySource source;
    private final long maxBytes;
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
     * @param maxBytes what to hold, blocks in use counted; whatever is in use beyond it goes back to the source after use
     */
    public MemoryPool(MemorySource source, long maxBytes) {
        this.source = source;
        this.maxBytes = maxBytes;
    }

    /** A pool of memory of the device that is current on the calling threads. */
    public static MemoryPool ofDevice(long maxBytes) {
        return new MemoryPool(MemorySource.ofDevice(), maxBytes);
    }

    /** A pool of pinned host memory. */
    public static MemoryPool ofPinned(long maxBytes) {
        return new MemoryPool(new PinnedMemory(), maxBytes);
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

    /** Gives idle blocks of {@code bytes} or more back, the largest first, as far as there are any. */
    private void giveBack(long bytes) {
        long before = idleBytes;
        while (before - idleBytes < bytes && !idle.isEmpty()) {
            source.free(takeFrom(idle.lastEntry()));
        }
    }

    /** Gives idle blocks back; blocks in use are freed when their users close them. */
    @Override
    public synchronized void close() {
        closed = true;
        trim();
    }

    synchronized void release(Allocation allocation) {
        usedBytes -= allocation.bytes();
        if (closed || source.isPool() || usedBytes + idleBytes + allocation.bytes() > maxBytes) {
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
        return takeFrom(entry);
    }

    private Allocation takeFrom(Map.Entry<Long, Deque<Allocation>> entry) {
        Allocation allocation = entry.getValue().pop();
        if (entry.getValue().isEmpty()) {
            idle.remove(entry.getKey());
        }
        idleBytes -= allocation.bytes();
        return allocation;
    }

    private Allocation allocate(long size) {
        giveBack(usedBytes + idleBytes + size - maxBytes);
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
