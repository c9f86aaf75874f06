package org.pagedattention.cudnn.models;

import java.util.List;

/**
 * Rows of launches, so that a job over batches of any size needs few graphs: each kind of product takes up to a second to
 * build. An operation over more rows is launched again and again. Rows behind a batch's own are computed too, and nobody
 * reads them. Pure.
 *
 * @param sizes rows of a launch, the largest first
 */
record RowBuckets(List<Integer> sizes) {
    /** As much as that may be computed for nobody, as a share of the rows, before smaller launches serve better. */
    private static final int MOST_WASTE = 3;

    /** Large launches fill a GPU; small ones keep small batches from paying for them. */
    static final RowBuckets FAST = new RowBuckets(List.of(16_384, 4096, 512));

    /** Launches of one size, so that a row meets the same kernel in every batch. */
    static final RowBuckets STEADY = new RowBuckets(List.of(8192));

    RowBuckets {
        sizes = List.copyOf(sizes);
    }

    /** Rows that are computed for {@code rows}. */
    int rows(int rows) {
        return Math.multiplyExact(launches(rows), launchRows(rows));
    }

    /** Rows of one launch for {@code rows}. */
    int launchRows(int rows) {
        for (int size : sizes) {
            if ((long) launches(rows, size) * size - rows <= rows / MOST_WASTE) {
                return size;
            }
        }
        return sizes.get(sizes.size() - 1);
    }

    int launches(int rows) {
        return launches(rows, launchRows(rows));
    }

    private static int launches(int rows, int size) {
        return Math.max(1, (int) (((long) rows + size - 1) / size));
    }
}
