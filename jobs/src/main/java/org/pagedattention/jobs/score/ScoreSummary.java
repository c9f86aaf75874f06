package org.pagedattention.jobs.score;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.plugin.PagedAttentionPlugin;
import org.pagedattention.scoring.ScoringCounters;

/** The closing table of a scoring job. */
public final class ScoreSummary {
    private ScoreSummary() {}

    /**
     * The table.
     *
     * @param account of all rows, those of earlier runs included
     * @param figures of the runs that were done now
     */
    static String of(
            RowAccount account,
            List<ScoringCounters> figures,
            double seconds,
            PagedAttentionConf conf,
            SparkSession spark) {
        long sequences = sum(figures, Figure.SEQUENCES);
        TextTable table = new TextTable()
                .row("rows read", count(account.read()))
                .row("rows written", count(account.written()))
                .row("rows quarantined", count(account.quarantined()))
                .row("bad rows", count(sum(figures, Figure.BAD_ROWS)))
                .row("too large for fp32, done in fp64", count(sum(figures, Figure.EXACT_ROWS)))
                .row("sequences", count(sequences))
                .row("query tokens", count(sum(figures, Figure.QUERY_TOKENS)))
                .row("KV tokens", count(sum(figures, Figure.KV_TOKENS)))
                .row("batches", count(sum(figures, Figure.BATCHES)))
                .row("unused page slots", waste(figures))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds))
                .row("sequences/s", String.format(Locale.ROOT, "%,.0f", sequences / seconds));
        return table + "\n" + places(conf, spark);
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

    private static long sum(List<ScoringCounters> figures, Figure figure) {
        return figures.stream().mapToLong(run -> run.value(figure)).sum();
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String waste(List<ScoringCounters> figures) {
        long wasted = sum(figures, Figure.WASTED_SLOTS);
        long slots = wasted + sum(figures, Figure.KV_TOKENS);
        double share = slots == 0 ? 0 : (double) wasted / slots;
        return String.format(Locale.ROOT, "%.2f%%", 100 * share);
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
        BackendChoice choice = BackendChoice.choose(conf.backend(), settings, BackendChoice.installed());
        String name = choice.provider().name();
        List<String> passedOver = choice.passedOver();
        if (!conf.backend().equals(BackendChoice.AUTO)) {
            return name + " (asked for)";
        }
        return passedOver.isEmpty()
                ? name + " (auto: the best one works)"
                : name + " (auto: " + String.join("; ", passedOver) + ")";
    }
}
