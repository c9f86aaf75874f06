package org.pagedattention.jobs.report;

import org.pagedattention.executor.Histogram;

/**
 * Tokens that rows of given lengths come to where each row of a batch is filled up to its longest one. Lengths above 1,024
 * are taken up to 1.6 % too short, as the histogram has them, and never too long.
 *
 * @param random with rows in an order that their lengths do not decide
 * @param sorted with rows sorted by length first
 * @param longest with all rows as long as the longest one
 */
record Padding(double random, double sorted, double longest) {
    /** Rows of a batch: the usual default of others. */
    static final int BATCH = 32;

    static Padding of(Histogram lengths) {
        return new Padding(random(lengths), sorted(lengths), (double) lengths.count() * lengths.largest());
    }

    /** Rows times the longest of a batch that may be expected: of rows drawn at random, without putting any back. */
    private static double random(Histogram lengths) {
        long rows = lengths.count();
        double expected = 0;
        double before = 0;
        long shorter = 0;
        for (var bucket : lengths.counts().entrySet()) {
            shorter += bucket.getValue();
            double within = allAmong(shorter, rows);
            expected += (within - before) * bucket.getKey();
            before = within;
        }
        return rows * expected;
    }

    /** How probable it is that all rows of a batch are among {@code some} of all rows. */
    private static double allAmong(long some, long rows) {
        double probability = 1;
        for (int i = 0; i < Math.min(BATCH, rows); i++) {
            probability *= (double) Math.max(0, some - i) / (rows - i);
        }
        return probability;
    }

    private static double sorted(Histogram lengths) {
        double tokens = 0;
        long seen = 0;
        for (var bucket : lengths.counts().entrySet()) {
            long batches = (seen + bucket.getValue()) / BATCH - seen / BATCH;
            tokens += (double) batches * BATCH * bucket.getKey();
            seen += bucket.getValue();
        }
        return tokens + (double) (seen % BATCH) * lengths.largest();
    }
}
