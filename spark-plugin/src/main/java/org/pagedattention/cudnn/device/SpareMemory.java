package org.pagedattention.cudnn.device;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.pagedattention.device.DeviceMemoryException;

/**
 * Blocks of memory that are kept as long as nobody needs them more: one that is not in use is given up for whoever lacks
 * memory, the oldest first. Thread-safe. Pure.
 */
public final class SpareMemory {
    private final Set<Block> blocks = new LinkedHashSet<>();

    /** A block. Safe for any thread. */
    public final class Block {
        private final Runnable free;
        private int users;
        private boolean there = true;

        private Block(Runnable free) {
            this.free = free;
        }

        /** One more user, until whose {@link #release} it stays; false when it is gone. */
        public synchronized boolean use() {
            users += there ? 1 : 0;
            return there;
        }

        public synchronized void release() {
            users--;
        }

        public synchronized boolean isThere() {
            return there;
        }

        /** Gives it up whoever uses it; a second time does nothing. */
        public void close() {
            free(true);
        }

        private boolean free(boolean used) {
            synchronized (this) {
                if (!there || (users > 0 && !used)) {
                    return false;
                }
                there = false;
                free.run();
            }
            forget(this);
            return true;
        }
    }

    /**
     * Keeps a block.
     *
     * @param free gives its memory back, once, in any thread that works with the device
     */
    public synchronized Block keep(Runnable free) {
        Block block = new Block(free);
        blocks.add(block);
        return block;
    }

    private synchronized void forget(Block block) {
        blocks.remove(block);
    }

    /** Gives a block up; false when all are in use, or there is none. */
    public boolean giveUp() {
        List<Block> oldestFirst;
        synchronized (this) {
            oldestFirst = List.copyOf(blocks);
        }
        return oldestFirst.stream().anyMatch(block -> block.free(false));
    }

    /** Takes memory, and gives up one block after the other while there is too little. */
    public <T> T take(Supplier<T> memory) {
        while (true) {
            try {
                return memory.get();
            } catch (DeviceMemoryException e) {
                if (!giveUp()) {
                    throw e;
                }
            }
        }
    }
}
