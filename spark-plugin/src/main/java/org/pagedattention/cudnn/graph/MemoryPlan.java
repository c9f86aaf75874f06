package org.pagedattention.cudnn.graph;

import java.util.HashMap;
import java.util.Map;

/** Places regions one behind another in a block of memory. */
public final class MemoryPlan {
    private static final long ALIGNMENT = 256;

    private final Map<TensorId, Long> offsets = new HashMap<>();
    private long bytes;

    /** Reserves memory for {@code id}; a second reservation for the same tensor replaces the first. */
    public MemoryPlan add(TensorId id, long size) {
        offsets.put(id, append(size));
        return this;
    }

    /** Reserves memory that belongs to no tensor and returns where it begins. */
    public long append(long size) {
        long offset = bytes;
        bytes = (offset + size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return offset;
    }

    public long offset(TensorId id) {
        Long offset = offsets.get(id);
        if (offset == null) {
            throw new IllegalStateException("no memory planned for " + id);
        }
        return offset;
    }

    /** Adds the addresses of all regions of a block at {@code base} to {@code addresses}. */
    public void resolve(long base, Map<TensorId, Long> addresses) {
        offsets.forEach((id, offset) -> addresses.put(id, base + offset));
    }

    /** Size of the whole block. */
    public long bytes() {
        return bytes;
    }
}
