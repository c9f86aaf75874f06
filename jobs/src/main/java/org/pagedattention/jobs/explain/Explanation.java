package org.pagedattention.jobs.explain;

import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Histogram;
import org.pagedattention.scoring.models.ModelFacts;
import org.pagedattention.scoring.models.RowSample;

/** Says what a job would do. */
public final class Explanation {
    private static final int MOST_SLOTS = 64;

    private final Explained job;
    private final Dataset<Row> sample;
    private final SparkContext context;
    private final Wrapped text = new Wrapped();

    private Explanation(Explained job) {
        this.job = job;
        sample = job.sample().rows();
        context = sample.sparkSession().sparkContext();
    }

    /** What the job would do, in lines of 80 columns. */
    public static String of(Explained job) {
        return new Explanation(job).text();
    }

    private String text() {
        String backend = job.backend();
        text.fact("backend", backend == null ? "none: " + job.trouble() : backend);
        ModelFacts model = job.model();
        if (model != null) {
            text.fact("model", model.description());
        }
        text.fact("input", job.input() + ", " + total());
        text.fact("sample", job.sample().words());
        RowSample measured = job.measure() == null ? null : job.measure().apply(sample);
        TimedRun timed = backend == null || !job.alone() ? null : timed();
        Histogram lengths = measured != null ? measured.lengths() : timed != null ? timed.lengths() : new Histogram();
        lengths(lengths, measured == null ? "rows that were computed" : "sample");
        if (measured != null) {
            measured(measured);
        }
        memory(timed != null);
        batches(lengths, timed);
        speed(lengths, timed);
        text.fact("output", job.output());
        return text.fact("written", "nothing: this only explains").toString();
    }

    private String total() {
        return job.total().isPresent()
                ? count(job.total().getAsLong()) + " rows by the footers"
                : "and nothing tells how many rows without reading it";
    }

    private TimedRun timed() {
        int slots = Math.min(MOST_SLOTS, Math.max(1, context.defaultParallelism()));
        return TimedRun.of(sample, job.plan(), job.conf(), slots);
    }

    private void lengths(Histogram lengths, String of) {
        if (lengths.count() == 0) {
            text.fact("lengths", "not known: no row of the sample was looked at");
            return;
        }
        text.fact(
                "lengths",
                "of the " + of + ": mean " + number(mean(lengths), 1) + " tokens, median "
                        + count(lengths.quantile(0.5)) + ", 95% up to " + count(lengths.quantile(0.95)) + ", longest "
                        + count(lengths.largest()));
        text.fact("", LengthBars.of(lengths));
    }

    private void measured(RowSample measured) {
        long rows = measured.lengths().count() + measured.bad();
        text.fact("cut", percent(measured.truncated(), rows) + " of the sample's rows have more tokens than take part");
        if (measured.bad() > 0) {
            text.fact(
                    "bad rows",
                    percent(measured.bad(), rows) + " of the sample's rows; the first one: " + measured.problem()
                            + ". --on-bad-row says what becomes of them");
        }
        long tokens = measured.lengths().sum();
        if (measured.distinct() < tokens) {
            text.fact(
                    "prefixes",
                    percent(tokens - measured.distinct(), tokens)
                            + " of the sample's tokens stand at the beginning of another row too, in whole pages, and"
                            + " need not be computed again; rows of the whole table may have more in common");
        } else if (measured.page() > 0) {
            text.fact(
                    "prefixes",
                    "no two rows of the sample begin with the same " + measured.page() + " tokens, which is a page");
        }
    }

    private void memory(boolean ran) {
        PagedAttentionConf conf = job.conf();
        String heap = "Java's heap here " + bytes(Runtime.getRuntime().maxMemory());
        ModelFacts model = job.model();
        if (model == null) {
            text.fact("memory", heap + "; a batch's Q, K, V and O as below");
            return;
        }
        String stored = "weights " + bytes(Stored.bytes(model.weights()))
                + " as stored, tables of tokens and positions " + bytes(Stored.bytes(model.tables())) + "; ";
        if (ran && context.isLocal()) {
            ModelBackend backend = backend();
            text.fact("memory", stored + backend.name() + " holds " + bytes(backend.heldBytes()) + "; " + heap);
        } else {
            text.fact(
                    "memory",
                    stored + "a GPU holds both in 16 bits, "
                            + bytes(2 * (Stored.numbers(model.weights()) + Stored.numbers(model.tables())))
                            + ", and they, passes and kept prefixes have spark.pagedAttention.gpu.memoryFraction ("
                            + conf.gpu().limits().memoryFraction() + ") of what is free there; " + heap);
        }
    }

    /** The one that the sample has run on in this process. */
    private ModelBackend backend() {
        int cpus = context.getConf().getInt("spark.task.cpus", 1);
        return ExecutorModels.backend(
                job.conf().backend().toString(), job.conf().backendSettings(cpus));
    }

    private void batches(Histogram lengths, @Nullable TimedRun timed) {
        long most = job.conf().batch().maxTokens();
        if (job.model() == null) {
            text.fact(
                    "batches",
                    "up to " + count(most) + " tokens and "
                            + count(job.conf().batch().sequences())
                            + " sequences, and no more bytes than spark.pagedAttention.batch.maxBytes; in pages of "
                            + job.conf().page().size() + " tokens, "
                            + job.conf().page().layout().name().toLowerCase(Locale.ROOT));
            return;
        }
        if (timed == null || !context.isLocal()) {
            text.fact("batches", "up to " + count(most) + " tokens, or fewer where the backend gains nothing by more");
            return;
        }
        long pass = Math.min(most, backend().passTokens());
        String many = lengths.count() == 0 || job.total().isEmpty()
                ? ""
                : "about " + count(Math.max(1, Math.round(job.total().getAsLong() * mean(lengths) / pass)))
                        + " passes ";
        text.fact(
                "batches",
                many + "of up to " + count(pass) + " tokens"
                        + (pass < most ? ": more would not be faster here" : " (spark.pagedAttention.batch.maxTokens)")
                        + "; no padding between rows. A GPU's kernels for these sizes are built when first met");
    }

    private void speed(Histogram lengths, @Nullable TimedRun timed) {
        if (timed == null || timed.rows() == 0) {
            text.fact(
                    "expected time",
                    job.backend() == null
                            ? "not known: this backend cannot work here"
                            : job.alone()
                                    ? "not known: no row of the sample was computed"
                                    : "not known: a sample would take all of the second table");
            return;
        }
        double rate = timed.tokens() / timed.seconds();
        text.fact(
                "speed",
                count(Math.round(rate)) + " tokens/s and " + count(Math.round(timed.rows() / timed.seconds())) + " "
                        + job.rows() + "/s: " + count(timed.rows()) + " of the sample in " + number(timed.seconds(), 1)
                        + " s, once they had been computed before"
                        + (timed.figures().get(Figure.BAD_ROWS) > 0 ? ", bad ones left out" : ""));
        if (job.total().isPresent() && timed.tokens() > 0) {
            double tokens = job.total().getAsLong() * mean(lengths);
            double rows = job.total().getAsLong() / (timed.rows() / timed.seconds());
            double seconds = job.model() == null ? rows : tokens / rate;
            text.fact(
                    "expected time",
                    "about " + time(seconds) + ", as far as the table is like its sample and as many tasks run at once;"
                            + " small tables take longer a row than large ones");
        } else {
            text.fact("expected time", "not known, as the number of rows is not");
        }
    }

    private static double mean(Histogram lengths) {
        return lengths.count() == 0 ? 0 : (double) lengths.sum() / lengths.count();
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    private static String percent(long part, long all) {
        return number(all == 0 ? 0 : 100.0 * part / all, 1) + "%";
    }

    private static String bytes(long bytes) {
        return bytes < 1 << 30 ? number(bytes / 1e6, 1) + " MB" : number(bytes / 1e9, 2) + " GB";
    }

    /** Rounded as coarsely as an estimate deserves. */
    private static String time(double seconds) {
        if (seconds < 90) {
            return Math.max(1, Math.round(seconds)) + " s";
        }
        double minutes = seconds / 60;
        return minutes < 90 ? Math.round(minutes) + " min" : number(minutes / 60, 1) + " h";
    }
}
