package org.pagedattention.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.pagedattention.executor.Histogram;

/** A histogram's many buckets as a few bars, all of a width, with one for the few values far beyond the others. */
final class Bars {
    private static final int USUAL = 30;

    /** Share of values that have bars of their own; of those beyond, one may be a hundred times as large. */
    private static final double MOST = 0.995;

    private Bars() {}

    /** A bar. */
    record Bar(String label, long count) {}

    static List<Bar> of(Histogram values) {
        return of(values, width(values), Long::toString);
    }

    /** Bars in seconds, of milliseconds. */
    static List<Bar> seconds(Histogram millis) {
        long width = width(millis);
        int digits = width >= 1000 ? 0 : width >= 100 ? 1 : width >= 10 ? 2 : 3;
        return of(millis, width, value -> Words.number(value / 1e3, digits));
    }

    private static List<Bar> of(Histogram values, long width, LongFunction<String> label) {
        if (values.count() == 0) {
            return List.of();
        }
        int bars = (int) (values.quantile(MOST) / width) + 1;
        long[] counts = new long[bars + 1];
        values.counts().forEach((value, count) -> counts[(int) Math.min(bars, value / width)] += count);
        List<Bar> all = new ArrayList<>();
        for (int i = 0; i < bars; i++) {
            String from = label.apply(i * width);
            all.add(new Bar(width == 1 ? from : from + "–" + label.apply((i + 1) * width - 1), counts[i]));
        }
        if (counts[bars] > 0) {
            all.add(new Bar("≥ " + label.apply(bars * width), counts[bars]));
        }
        return all;
    }

    /** One, two or five times a power of ten, so that there are about as many bars as usual, or fewer. */
    private static long width(Histogram values) {
        long least = values.quantile(MOST) / USUAL + 1;
        for (long power = 1; ; power *= 10) {
            for (int step : new int[] {1, 2, 5}) {
                if (step * power >= least) {
                    return step * power;
                }
            }
        }
    }
}
