package org.pagedattention.jobs.lengths;

import java.util.Locale;

/** Draws how long sequences are, and beneath it what each way of storing them takes, as an SVG. */
final class LengthsPicture {
    private static final int WIDTH = 760;
    private static final int LEFT = 190;
    private static final int PLOT = 520;
    private static final int BINS = 52;
    private static final int BASE = 230;
    private static final int TALLEST = 160;
    private static final String TOKENS = "#2f6f8f";
    private static final String WASTE = "#e0a458";

    private final LengthStatistics statistics;
    private final StringBuilder svg = new StringBuilder();

    private LengthsPicture(LengthStatistics statistics) {
        this.statistics = statistics;
    }

    static String draw(LengthStatistics statistics) {
        LengthsPicture picture = new LengthsPicture(statistics);
        picture.header();
        picture.histogram();
        picture.bar(310, "tokens", statistics.tokens());
        picture.bar(345, "packed pages of " + statistics.pageSize(), statistics.packed());
        picture.bar(380, "padded pages of " + statistics.pageSize(), statistics.paddedPages());
        picture.bar(415, "padded batches of " + LengthStatistics.BATCH, statistics.batchRectangles());
        return picture.svg.append("</svg>\n").toString();
    }

    private void header() {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d 450\" font-family=\"sans-serif\""
                        + " font-size=\"13\" fill=\"#222\">\n",
                WIDTH);
        add("<rect width=\"%d\" height=\"450\" fill=\"#fff\"/>\n", WIDTH);
        text(
                20,
                28,
                "start",
                "font-size=\"16\" font-weight=\"bold\"",
                "%s, %s",
                count(statistics.sorted().length, "sequence"),
                count(statistics.tokens(), "token"));
        text(
                20,
                50,
                "start",
                "",
                "mean %.0f, median %d, longest %d tokens",
                statistics.mean(),
                statistics.quantile(0.5),
                statistics.quantile(1));
        text(20, 290, "start", "font-weight=\"bold\"", "K/V token slots: filled, and wasted");
    }

    private void histogram() {
        int longest = Math.max(1, statistics.quantile(1));
        int[] counts = new int[BINS];
        for (int length : statistics.sorted()) {
            counts[(int) Math.min(BINS - 1L, (long) length * BINS / longest)]++;
        }
        int most = 1;
        for (int count : counts) {
            most = Math.max(most, count);
        }
        double width = (double) PLOT / BINS;
        for (int i = 0; i < BINS; i++) {
            double height = (double) counts[i] * TALLEST / most;
            rectangle(LEFT + i * width, BASE - height, width - 1, height, TOKENS);
        }
        line(LEFT, BASE, LEFT + PLOT, BASE);
        long step = step(longest);
        for (long tokens = 0; tokens <= longest; tokens += step) {
            int x = LEFT + (int) (tokens * PLOT / longest);
            line(x, BASE, x, BASE + 5);
            text(x, BASE + 18, "middle", "", "%,d", tokens);
        }
        text(LEFT + PLOT / 2, BASE + 36, "middle", "", "tokens of a sequence");
        line(LEFT, BASE, LEFT, BASE - TALLEST);
        step = step(most);
        for (long sequences = step; sequences <= most; sequences += step) {
            int y = BASE - (int) (sequences * TALLEST / most);
            line(LEFT - 5, y, LEFT, y);
            text(LEFT - 10, y + 4, "end", "", "%,d", sequences);
        }
        text(LEFT - 60, BASE - TALLEST / 2, "end", "", "sequences");
    }

    /** Distance of ticks: 1, 2 or 5 times a power of ten, for at most six of them. */
    static long step(long longest) {
        long power = 1;
        while (true) {
            for (long step : new long[] {power, 2 * power, 5 * power}) {
                if (longest / step <= 6) {
                    return step;
                }
            }
            power *= 10;
        }
    }

    private void bar(int y, String label, long slots) {
        long widest = Math.max(1, Math.max(statistics.batchRectangles(), statistics.paddedPages()));
        double scale = (PLOT - 60.0) / Math.max(widest, statistics.packed());
        double filled = statistics.tokens() * scale;
        text(LEFT - 10, y + 14, "end", "", "%s", label);
        rectangle(LEFT, y, filled, 20, TOKENS);
        rectangle(LEFT + filled, y, Math.max(0, slots * scale - filled), 20, WASTE);
        text((int) (LEFT + slots * scale) + 8, y + 14, "start", "", "x %.2f", statistics.factor(slots));
    }

    private static String count(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }

    private void line(int x1, int y1, int x2, int y2) {
        add("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#222\"/>\n", x1, y1, x2, y2);
    }

    private void rectangle(double x, double y, double width, double height, String colour) {
        add("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y, width, height, colour);
    }

    private void text(int x, int y, String anchor, String style, String format, Object... values) {
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" %s>", x, y, anchor, style);
        add(format, values);
        svg.append("</text>\n");
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
