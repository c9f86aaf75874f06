package org.pagedattention.gpu;

/** Rounds sizes up, so that blocks can be used again for requests of nearly the same size. */
final class SizeClass {
    private static final long SMALLEST = 1 << 12;
    /** Steps to each doubling: at most a fifth of a block goes unused. */
    private static final int STEPS = 4;
    /** A larger block cannot be a ByteBuffer. */
    private static final long LARGEST_BUFFER = Integer.MAX_VALUE;

    /** Near the size of the device, a fifth of a block is too much to lose. */
    private static final long LARGEST_STEP = 64 << 20;

    private SizeClass() {}

    /** The size of the block that serves a request for {@code bytes}. */
    static long of(long bytes) {
        if (bytes <= SMALLEST) {
            return SMALLEST;
        }
        long step = Math.min(LARGEST_STEP, Long.highestOneBit(bytes - 1) / STEPS);
        long rounded = (bytes + step - 1) / step * step;
        return bytes <= LARGEST_BUFFER ? Math.min(rounded, LARGEST_BUFFER) : rounded;
    }
}
