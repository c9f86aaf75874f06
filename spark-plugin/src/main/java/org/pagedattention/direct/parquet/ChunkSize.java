package org.pagedattention.direct.parquet;

/** How much of a file is decoded at a time. Pure. */
public final class ChunkSize {
    /** A row larger than this still comes as a whole. */
    public static final long SMALLEST = 1 << 20;

    /** A column must stay below 2^31 bytes, and many chunks are on the GPU at once. */
    static final long LARGEST = 512L << 20;

    /**
     * What a chunk's memory comes to, in its own size: its encoded bytes, decompressed pages twice as large as the chunk,
     * the columns, the results, and the encoded results.
     */
    private static final long COPIES = 6;

    /** Each piece costs cuDF and the driver a millisecond or more that others wait for, whatever its size. */
    private static final long PIECE_LARGEST = 128L << 20;

    private static final long PIECE_SMALLEST = 16L << 20;
    /** So that a task reads one piece while another one is on the GPU, and a third is written. */
    private static final int PIECES_PER_SLOT = 4;

    private static final int PIECES_PER_TASK = 8;

    private static final long PINNED_LARGEST = 4L << 30;
    private static final long PINNED_SMALLEST = 64L << 20;

    private ChunkSize() {}

    /**
     * Bytes of columns to decode at a time.
     *
     * @param poolBytes GPU memory
     * @param concurrent threads that share it
     */
    public static long of(long poolBytes, int concurrent) {
        return Math.max(SMALLEST, Math.min(LARGEST, poolBytes / COPIES / concurrent));
    }

    /**
     * Pieces that are on the GPU at once: all that have room to be decoded as a whole. One is copied while another one is
     * computed, and small kernels of many fill the GPU.
     *
     * @param poolBytes GPU memory
     * @param pieces that tasks work on at once
     * @param least whether there is room or not
     */
    public static int places(long poolBytes, int pieces, int least) {
        return (int) Math.max(least, Math.min(pieces, poolBytes / COPIES / PIECE_LARGEST));
    }

    /**
     * Pinned host memory, of which a gibibyte takes half a second to have.
     *
     * @param asked 0 leaves the choice to this
     * @param pieces that tasks work on at once
     * @param tableBytes of the table
     * @param hostBytes all memory of the host; more than a quarter is for the user to decide
     */
    public static long pinnedBytes(long asked, int pieces, long tableBytes, long hostBytes) {
        if (asked > 0) {
            return asked;
        }
        long wanted = Math.min(Math.min(PINNED_LARGEST, hostBytes / 4), pieces * PIECE_LARGEST);
        return Math.max(PINNED_SMALLEST, Math.min(wanted, 2 * tableBytes));
    }

    /**
     * Bytes of row groups to fetch at a time.
     *
     * @param totalBytes of the table
     * @param slots tasks that run at once
     */
    static long pieceBytes(long totalBytes, int slots) {
        return Math.max(PIECE_SMALLEST, Math.min(PIECE_LARGEST, totalBytes / PIECES_PER_SLOT / Math.max(1, slots)));
    }

    /**
     * Tasks for so many pieces, each of which writes a file: as many for each slot, and no more than it takes to lose
     * little where one fails.
     *
     * @param slots tasks that run at once
     */
    public static int tasks(int pieces, int slots) {
        int rounds = Math.max(1, (pieces + slots * PIECES_PER_TASK - 1) / (slots * PIECES_PER_TASK));
        return Math.min(pieces, slots * rounds);
    }
}
