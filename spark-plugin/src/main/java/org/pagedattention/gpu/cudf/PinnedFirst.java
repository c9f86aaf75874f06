package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.DefaultHostMemoryAllocator;
import ai.rapids.cudf.HostMemoryAllocator;
import ai.rapids.cudf.HostMemoryBuffer;
import ai.rapids.cudf.PinnedMemoryPool;
import org.jspecify.annotations.Nullable;

/**
 * Host memory that is pinned while the pool has room, and plain from then on. The pool is not asked for more than it has:
 * RMM would write an error to the console, though nothing is wrong.
 */
final class PinnedFirst implements HostMemoryAllocator {
    static final HostMemoryAllocator ALLOCATOR = new PinnedFirst();

    private final PinnedRoom room = new PinnedRoom();

    private PinnedFirst() {}

    @Override
    public HostMemoryBuffer allocate(long bytes, boolean preferPinned) {
        HostMemoryBuffer pinned = preferPinned ? pinned(bytes) : null;
        return pinned == null ? DefaultHostMemoryAllocator.get().allocate(bytes, false) : pinned;
    }

    @Override
    public HostMemoryBuffer allocate(long bytes) {
        return allocate(bytes, true);
    }

    private @Nullable HostMemoryBuffer pinned(long bytes) {
        if (!room.take(bytes, PinnedMemoryPool.getTotalPoolSizeBytes())) {
            return null;
        }
        HostMemoryBuffer buffer = PinnedMemoryPool.tryAllocate(bytes);
        if (buffer == null) {
            room.giveBack(bytes);
            return null;
        }
        buffer.setEventHandler(users -> {
            if (users == 0) {
                room.giveBack(bytes);
            }
        });
        return buffer;
    }
}
