package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.DeviceMemoryBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.pagedattention.gpu.Allocation;
import org.pagedattention.gpu.MemorySource;

/** Device memory from cuDF's pool, so that one pool serves columns and attention alike. */
public final class RmmMemory implements MemorySource {
    private final Map<Long, DeviceMemoryBuffer> taken = new ConcurrentHashMap<>();

    @Override
    public Allocation allocate(long bytes) {
        DeviceMemoryBuffer buffer =
                CudfErrors.call("a batch", bytes, () -> DeviceMemoryBuffer.allocate(Math.max(1, bytes)));
        // the pool hands memory out in the order of this thread's stream; ours will be used on another one
        Cudf.synchronize();
        taken.put(buffer.getAddress(), buffer);
        return new Allocation(buffer.getAddress(), bytes, null);
    }

    @Override
    public void free(Allocation allocation) {
        DeviceMemoryBuffer buffer = taken.remove(allocation.address());
        if (buffer != null) {
            buffer.close();
        }
    }
}
