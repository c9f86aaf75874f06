package org.pagedattention.jobs.lengths;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.pagedattention.jobs.cli.TextTable;

/**
 * What the lengths of a table's sequences mean for memory.
 *
 * @param sorted all lengths, ascending
 * @param pageSize tokens of a page
 * @param tokens sum of the lengths
 * @param paddedPages token slots when each sequence owns whole pages
 * @param batchRectangles token slots when each {@link #BATCH} rows are padded to their longest
 */
record LengthStatistics(int[] sorted, int pageSize, long tokens, long paddedPages, long batchRectangles) {
    /** Rows of a padded batch, for comparison. */
    static final int BATCH = 64;

    /**
     * Counts.
     *
     * @param partitions lengths in row order, one array a partition
     */
    static LengthStatistics of(List<int[]> partitions, int pageSize) {
        int[] all = partitions.stream().flatMapToInt(Arrays::stream).sorted().toArray();
        long tokens = Arrays.stream(all).asLongStream().sum();
        long pages = Arrays.stream(all)
                .mapToLong(length -> ((long) length + pageSize - 1) / pageSize)
                .sum();
        long rectangles =
                partitions.stream().mapToLong(LengthStatistics::rectangles).sum();
        return new LengthStatistics(all, pageSize, tokens, pages * pageSize, rectangles);
    }

    private static long rectangles(int[] lengths) {
        long slots = 0;
        for (int from = 0; from < lengths.length; from += BATCH) {
            int to = Math.min(lengths.length, from + BATCH);
            int longest = Arrays.stream(lengths, from, to).max().orElse(0);
            slots += (long) longest * (to - from);
        }
        return slots;
    }

    /** Token slots when tokens lie end to end: one page runs on behind each batch's last token. */
    long packed() {
        int batches = (sorted.length + BATCH - 1) / BATCH;
        return tokens + (long) batches * (pageSize - 1);
    }

    /** The length that {@code share} of the sequences do not exceed. */
    int quantile(double share) {
        if (sorted.length == 0) {
            return 0;
        }
        return sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))];
    }

    double mean() {
        return sorted.length == 0 ? 0 : (double) tokens / sorted.length;
    }

    /** {@code slots} as a multiple of the tokens. */
    double factor(long slots) {
        return tokens == 0 ? 1 : (double) slots / tokens;
    }

    TextTable table() {
        return new TextTable()
                .row("sequences", number(sorted.length))
                .row("mean length", String.format(Locale.ROOT, "%.1f", mean()))
                .row("median / 90% / longest", quantile(0.5) + " / " + quantile(0.9) + " / " + quantile(1))
                .row("K/V token slots", "", "x tokens")
                .row("  tokens", number(tokens), "1.000")
                .row("  packed pages of " + pageSize, number(packed()), times(packed()))
                .row("  padded pages of " + pageSize, number(paddedPages), times(paddedPages))
                .row("  padded batches of " + BATCH + " rows", number(batchRectangles), times(batchRectangles));
    }

    private String times(long slots) {
        return String.format(Locale.ROOT, "%.3f", factor(slots));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
