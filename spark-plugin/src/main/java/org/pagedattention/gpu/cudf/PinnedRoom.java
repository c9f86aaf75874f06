package org.pagedattention.gpu.cudf;

/** Counts what is taken of a pool of pinned memory, some of which is left to cuDF's own reading and writing. Pure. */
final class PinnedRoom {
    private static final int SHARE_OF_OTHERS = 16;
    private static final long ALIGNMENT = 256;

    private long taken;

    /**
     * Takes {@code bytes} if there is room for them.
     *
     * @param poolBytes size of the pool
     */
    synchronized boolean take(long bytes, long poolBytes) {
        if (taken + aligned(bytes) > poolBytes - poolBytes / SHARE_OF_OTHERS) {
            return false;
        }
        taken += aligned(bytes);
        return true;
    }

    synchronized void giveBack(long bytes) {
        taken -= aligned(bytes);
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
