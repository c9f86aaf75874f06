package org.pagedattention.jobs.run;

import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.plugin.PagedAttentionPlugin;

/** What a job says at its end. */
final class Summary {
    /** Of a history, below which copies in the rows themselves were faster wherever that was measured. */
    private static final double FEW_ROWS = 4;

    private Summary() {}

    /**
     * The table.
     *
     * @param account of all rows, those of earlier runs included
     * @param figures of what was done now
     */
    static TextTable of(Work work, RowAccount account, Tally figures, double seconds) {
        TextTable table = new TextTable()
                .row("rows read", count(account.read()))
                .row("rows written", count(account.written()))
                .row("rows quarantined", count(account.quarantined()))
                .row("bad rows", count(figures.get(Figure.BAD_ROWS)));
        switch (work) {
            case ATTENTION -> attention(table, figures, seconds);
            case HISTORIES, PREFIXES, DEDUPED -> shared(work, table, figures, seconds);
            case MODEL -> model(table, figures, seconds);
            case LIKELIHOOD -> likelihood(table, figures, seconds);
        }
        return table;
    }

    private static void attention(TextTable table, Tally figures, double seconds) {
        table.row("too large for fp32, done in fp64", count(figures.get(Figure.EXACT_ROWS)))
                .row("sequences", count(figures.get(Figure.SEQUENCES)))
                .row("query tokens", count(figures.get(Figure.QUERY_TOKENS)))
                .row("KV tokens", count(figures.get(Figure.KV_TOKENS)))
                .row("batches", count(figures.get(Figure.BATCHES)))
                .row("splits after GPU memory ran out", count(figures.get(Figure.SPLITS)))
                .row("unused page slots", waste(figures))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds))
                .row("sequences/s", rate(figures, Figure.SEQUENCES, seconds));
    }

    private static void shared(Work work, TextTable table, Tally figures, double seconds) {
        table.row("too large for fp32, done in fp64", count(figures.get(Figure.EXACT_ROWS)))
                .row("sequences", count(figures.get(Figure.SEQUENCES)))
                .row("query tokens", count(figures.get(Figure.QUERY_TOKENS)))
                .row("KV tokens of all rows", count(figures.get(Figure.ASKED_TOKENS)))
                .row("KV tokens in batches, " + once(work), count(figures.get(Figure.KV_TOKENS)));
        if (work == Work.DEDUPED) {
            table.row("pages given", count(figures.get(Figure.PAGES_GIVEN)))
                    .row("pages held, equal ones once a batch", count(figures.get(Figure.PAGES_HELD)));
        } else {
            boolean prefixes = work == Work.PREFIXES;
            table.row((prefixes ? "prefixes" : "histories") + " in batches", count(figures.get(Figure.HISTORIES)))
                    .row("rows for each of them", perHistory(figures));
        }
        table.row("batches", count(figures.get(Figure.BATCHES)))
                .row("splits after GPU memory ran out", count(figures.get(Figure.SPLITS)))
                .row("unused page slots", waste(figures))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds))
                .row("sequences/s", rate(figures, Figure.SEQUENCES, seconds));
    }

    /** Few rows do not pay for the shuffle of what they share. */
    private static String perHistory(Tally figures) {
        double rows = (double) figures.get(Figure.SEQUENCES) / Math.max(1, figures.get(Figure.HISTORIES));
        return String.format(Locale.ROOT, "%.1f", rows)
                + (rows < FEW_ROWS ? " (few: a table with copies in its rows is not shuffled)" : "");
    }

    private static String once(Work work) {
        return switch (work) {
            case HISTORIES -> "a history's once";
            case PREFIXES -> "a prefix's once";
            default -> "those of equal pages once";
        };
    }

    private static void model(TextTable table, Tally figures, double seconds) {
        table.row("texts", count(figures.get(Figure.SEQUENCES)))
                .row("tokens", count(figures.get(Figure.QUERY_TOKENS)))
                .row("texts cut to the longest row", count(figures.get(Figure.TRUNCATED)))
                .row("batches", count(figures.get(Figure.BATCHES)))
                .row("splits after GPU memory ran out", count(figures.get(Figure.SPLITS)))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds))
                .row("texts/s", rate(figures, Figure.SEQUENCES, seconds))
                .row("tokens/s", rate(figures, Figure.QUERY_TOKENS, seconds));
    }

    private static void likelihood(TextTable table, Tally figures, double seconds) {
        long given = figures.get(Figure.QUERY_TOKENS);
        long computed = figures.get(Figure.COMPUTED_TOKENS);
        double saved = given == 0 ? 0 : 100.0 * (given - computed) / given;
        table.row("texts", count(figures.get(Figure.SEQUENCES)))
                .row("tokens given", count(given))
                .row("tokens computed, common ones once", count(computed))
                .row("saved by common prefixes", String.format(Locale.ROOT, "%.1f%%", saved))
                .row("tokens scored", count(figures.get(Figure.SCORED_TOKENS)))
                .row("texts cut", count(figures.get(Figure.TRUNCATED)))
                .row("passes", count(figures.get(Figure.BATCHES)))
                .row("splits after GPU memory ran out", count(figures.get(Figure.SPLITS)))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds))
                .row("texts/s", rate(figures, Figure.SEQUENCES, seconds))
                .row("tokens/s", rate(figures, Figure.QUERY_TOKENS, seconds))
                .row("tokens computed/s", rate(figures, Figure.COMPUTED_TOKENS, seconds));
    }

    /** Where the work was done: the backend, and in a cluster what the plugin's executors say of themselves. */
    static String places(Work work, PagedAttentionConf conf, SparkSession spark) {
        String executors = spark.sparkContext().isLocal()
                ? ""
                : PagedAttentionPlugin.summary()
                        .map(summary -> "\n" + summary.text())
                        .orElse("");
        return "backend: " + work.backend(conf, spark) + executors;
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String rate(Tally figures, Figure figure, double seconds) {
        return String.format(Locale.ROOT, "%,.0f", figures.get(figure) / seconds);
    }

    private static String waste(Tally figures) {
        long wasted = figures.get(Figure.WASTED_SLOTS);
        long slots = wasted + figures.get(Figure.KV_TOKENS);
        return String.format(Locale.ROOT, "%.2f%%", slots == 0 ? 0 : 100.0 * wasted / slots);
    }
}
