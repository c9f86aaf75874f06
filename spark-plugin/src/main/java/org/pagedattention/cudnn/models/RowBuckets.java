package org.pagedattention.cudnn.models;

/**
 * Rows that graphs are built for, so that a job over batches of any size needs few of them. Rows behind a batch's own are
 * computed too, and nobody reads them. Pure.
 *
 * @param step rows of every launch, whatever the batch; 0 for one launch with as many rows as it takes
 */
record RowBuckets(int step) {
    /** Fewer rows take as long. */
    private static final int FEWEST = 256;

    /** From here on a quarter of the rows is worth a further plan. */
    private static final int LARGE = 16_384;

    private static final int STEADY_ROWS = 8192;

    /** One launch an operation. */
    static final RowBuckets FAST = new RowBuckets(0);

    /** Launches of one size, so that a row meets the same kernel in every batch. */
    static final RowBuckets STEADY = new RowBuckets(STEADY_ROWS);

    /** Rows that are computed for {@code rows}. */
    int rows(int rows) {
        return step > 0 ? Math.multiplyExact(launches(rows), step) : bucket(rows);
    }

    /** Rows of one launch for {@code rows}. */
    int launchRows(int rows) {
        return step > 0 ? step : bucket(rows);
    }

    int launches(int rows) {
        return step > 0 ? Math.max(1, (int) (((long) rows + step - 1) / step)) : 1;
    }

    private static int bucket(int rows) {
        long bucket = FEWEST;
        while (bucket < rows) {
            boolean whole = Long.bitCount(bucket) == 1;
            bucket = bucket < LARGE ? 2 * bucket : whole ? bucket / 2 * 3 : bucket / 3 * 4;
        }
        return Math.toIntExact(bucket);
    }
}
