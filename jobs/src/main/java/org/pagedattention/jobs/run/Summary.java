package org.pagedattention.jobs.run;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.plugin.PagedAttentionPlugin;

/** What a job says at its end. */
public final class Summary {
    private Summary() {}

    /**
     * The table.
     *
     * @param account of all rows, those of earlier runs included
     * @param figures of what was done now
     */
    static TextTable of(RowAccount account, Tally figures, double seconds) {
        TextTable table = new TextTable()
                .row("rows read", count(account.read()))
                .row("rows written", count(account.written()))
                .row("rows quarantined", count(account.quarantined()))
                .row("bad rows", count(figures.get(Figure.BAD_ROWS)))
                .row("too large for fp32, done in fp64", count(figures.get(Figure.EXACT_ROWS)))
                .row("sequences", count(figures.get(Figure.SEQUENCES)))
                .row("query tokens", count(figures.get(Figure.QUERY_TOKENS)))
                .row("KV tokens", count(figures.get(Figure.KV_TOKENS)))
                .row("batches", count(figures.get(Figure.BATCHES)))
                .row("splits after GPU memory ran out", count(figures.get(Figure.SPLITS)))
                .row("unused page slots", waste(figures))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds));
        double rate = figures.get(Figure.SEQUENCES) / seconds;
        return table.row("sequences/s", String.format(Locale.ROOT, "%,.0f", rate));
    }

    /** Where the work was done: the backend, and in a cluster what the plugin's executors say of themselves. */
    static String places(PagedAttentionConf conf, SparkSession spark) {
        String executors = spark.sparkContext().isLocal()
                ? ""
                : PagedAttentionPlugin.summary()
                        .map(summary -> "\n" + summary.text())
                        .orElse("");
        return "backend: " + backend(conf, spark) + executors;
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String waste(Tally figures) {
        long wasted = figures.get(Figure.WASTED_SLOTS);
        long slots = wasted + figures.get(Figure.KV_TOKENS);
        return String.format(Locale.ROOT, "%.2f%%", slots == 0 ? 0 : 100.0 * wasted / slots);
    }

    /** Executors choose for themselves; in local mode that is here. */
    public static String backend(PagedAttentionConf conf, SparkSession spark) {
        if (!spark.sparkContext().isLocal()) {
            return conf.backend() + " (each executor chooses)";
        }
        int threads = spark.sparkContext().getConf().getInt("spark.task.cpus", 1);
        return why(conf, conf.backendSettings(threads));
    }

    /** The backend that would run in this JVM, and why. */
    public static String why(PagedAttentionConf conf, BackendSettings settings) {
        BackendChoice choice = BackendChoice.choose(conf.backend().toString(), settings, BackendChoice.installed());
        String name = choice.provider().name();
        List<String> passedOver = choice.passedOver();
        if (conf.backend() != BackendName.AUTO) {
            return name + " (asked for)";
        }
        return passedOver.isEmpty()
                ? name + " (auto: the best one works)"
                : name + " (auto: " + String.join("; ", passedOver) + ")";
    }
}
