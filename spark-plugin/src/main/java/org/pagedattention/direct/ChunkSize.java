package org.pagedattention.direct;

/** How much of a file is decoded at a time. Pure. */
final class ChunkSize {
    /** A row larger than this still comes as a whole. */
    static final long SMALLEST = 1 << 20;

    /** Larger chunks are not faster, and a column must stay below 2^31 bytes. */
    static final long LARGEST = 512L << 20;

    /**
     * What a chunk's memory comes to, in its own size: its encoded bytes, decompressed pages twice as large as the chunk,
     * the columns, the results, and the encoded results.
     */
    private static final long COPIES = 6;

    private static final long PINNED_PER_TASK = 512L << 20;
    private static final long PINNED_LARGEST = 8L << 30;

    private ChunkSize() {}

    /**
     * Bytes of columns to decode at a time.
     *
     * @param poolBytes GPU memory
     * @param concurrent threads that share it
     */
    static long of(long poolBytes, int concurrent) {
        return Math.max(SMALLEST, Math.min(LARGEST, poolBytes / COPIES / concurrent));
    }

    /** Pinned host memory for {@code tasks}; {@code asked} of 0 leaves the choice to this. */
    static long pinnedBytes(long asked, int tasks) {
        return asked > 0 ? asked : Math.min(PINNED_LARGEST, tasks * PINNED_PER_TASK);
    }

    /**
     * Bytes of row groups to fetch at a time.
     *
     * @param totalBytes of the table
     * @param tasks that run at once
     */
    static long pieceBytes(long totalBytes, int tasks) {
        return Math.max(32L << 20, Math.min(256L << 20, totalBytes / Math.max(1, tasks)));
    }
}
