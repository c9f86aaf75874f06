package org.pagedattention.jobs.explain;

import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.pagedattention.executor.Histogram;

/** A histogram in one line. */
final class LengthBars {
    private static final int BARS = 40;
    private static final String HEIGHTS = " ▁▂▃▄▅▆▇█";

    private LengthBars() {}

    /** From 1 to the longest, with the two said. */
    static String of(Histogram lengths) {
        long width = Math.max(1, (lengths.largest() + BARS - 1) / BARS);
        int bars = (int) Math.max(1, (lengths.largest() + width - 1) / width);
        long[] counts = new long[bars];
        lengths.counts()
                .forEach((length, count) -> counts[(int) Math.min(bars - 1, Math.max(0, length - 1) / width)] += count);
        long most = LongStream.of(counts).max().orElse(1);
        String line = LongStream.of(counts)
                .mapToObj(count -> "" + HEIGHTS.charAt(height(count, most)))
                .collect(Collectors.joining());
        // a space would be a place to break the line
        return "1|" + line.replace(' ', '·') + "|" + lengths.largest();
    }

    /** The largest is as high as can be, and none that is there is nothing. */
    private static int height(long count, long most) {
        return count == 0 ? 0 : (int) Math.max(1, (HEIGHTS.length() - 1) * count / Math.max(1, most));
    }
}
