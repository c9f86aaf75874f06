package org.pagedattention.jobs;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.attention.BackendChoice;
import org.pagedattention.attention.BackendSettings;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.plugin.PagedAttentionPlugin;
import org.pagedattention.scoring.ScoringCounters;

/** The closing table of a scoring job. */
final class ScoreSummary {
    private ScoreSummary() {}

    static String of(ScoringCounters counters, double seconds, PagedAttentionConf conf, SparkSession spark) {
        long sequences = counters.sequences().value();
        long badRows = counters.badRows().value();
        TextTable table = new TextTable()
                .row("sequences", count(sequences))
                .row("query tokens", count(counters.queryTokens().value()))
                .row("KV tokens", count(counters.kvTokens().value()))
                .row("batches", count(counters.batches().value()))
                .row("unused page slots", waste(counters))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", seconds))
                .row("sequences/s", String.format(Locale.ROOT, "%,.0f", sequences / seconds));
        if (badRows > 0) {
            table.row("bad rows", count(badRows));
        }
        return table + "\nbackend: " + backend(conf, spark)
                + (spark.sparkContext().isLocal() ? "" : executors());
    }

    /** What the plugin's executors say of themselves; nothing without the plugin. */
    private static String executors() {
        return PagedAttentionPlugin.summary()
                .map(summary -> "\n" + summary.text())
                .orElse("");
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String waste(ScoringCounters counters) {
        long slots = counters.slots().value();
        double share = slots == 0 ? 0 : 1 - (double) counters.kvTokens().value() / slots;
        return String.format(Locale.ROOT, "%.2f%%", 100 * share);
    }

    /** Executors choose for themselves; in local mode that is here. */
    static String backend(PagedAttentionConf conf, SparkSession spark) {
        if (!spark.sparkContext().isLocal()) {
            return conf.backend() + " (each executor chooses)";
        }
        int threads = spark.sparkContext().getConf().getInt("spark.task.cpus", 1);
        return why(conf, conf.backendSettings(threads));
    }

    /** The backend that would run in this JVM, and why. */
    static String why(PagedAttentionConf conf, BackendSettings settings) {
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
