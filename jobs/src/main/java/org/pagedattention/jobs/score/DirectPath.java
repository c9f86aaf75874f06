package org.pagedattention.jobs.score;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.BadPieceException;
import org.pagedattention.direct.DirectResult;
import org.pagedattention.direct.DirectScorer;
import org.pagedattention.direct.parquet.NotDirectException;
import org.pagedattention.executor.Figure;
import org.pagedattention.files.Literal;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.InputOptions;
import org.pagedattention.jobs.cli.OutputOptions;
import org.pagedattention.jobs.cli.OutputPlace;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;

/** Decides between rows and the direct path, and takes the latter. */
final class DirectPath {
    private final IoPath asked;
    private final HeadStart headStart;
    private final Console console;

    /**
     * @param asked what {@code --io} says
     */
    DirectPath(IoPath asked, HeadStart headStart, Console console) {
        this.asked = asked;
        this.headStart = headStart;
        this.console = console;
    }

    /**
     * Scores {@code input} directly, when that was asked for or is better. It is opened only where that may work.
     *
     * @return empty when rows have to do it; why was printed
     * @throws NotDirectException when only the direct path was asked for and cannot work
     */
    Optional<DirectResult> score(SparkSession spark, InputOptions input, OutputOptions output, ScoringOptions options) {
        if (asked == IoPath.ROW || (asked == IoPath.AUTO && worksOnCpu(spark, options.conf()))) {
            return Optional.empty();
        }
        try {
            requireParquet(input.format(), output.format());
            requireGpu(spark, options.conf());
            Dataset<Row> table = Timeline.time("table", () -> input.read(spark, console));
            if (output.overwrite()) {
                OutputPlace.requireOther(spark, output, table);
            }
            headStart.takeMemory(table, options);
            DirectScorer scorer = Timeline.time("planning", () -> DirectScorer.plan(table, options));
            try (Progress progress = Progress.show(spark, "score", scorer.sequences(), scorer.rows(), console)) {
                return Optional.of(Timeline.time("scoring", () -> scorer.write(output.path(), output.overwrite())));
            }
        } catch (NotDirectException e) {
            if (asked == IoPath.DIRECT) {
                throw new NotDirectException("--io direct cannot work here: " + e.getMessage());
            }
            console.err().println("io: rows (auto: " + e.getMessage() + ")");
            return Optional.empty();
        } catch (Exception e) {
            // Spark's own exception is checked, and thrown all the same
            BadPieceException bad = badPiece(e);
            if (bad == null) {
                throw e;
            }
            return scoreByRows(bad, spark, options);
        }
    }

    /** The row path says which row is bad; where bad rows are kept, it has to do the whole table. */
    private Optional<DirectResult> scoreByRows(BadPieceException bad, SparkSession spark, ScoringOptions options) {
        if (options.conf().onBadRow().equals("fail")) {
            Dataset<Row> file = spark.read().parquet(Literal.of(bad.file()));
            new SequenceScorer(options)
                    .score(file)
                    .write()
                    .format("noop")
                    .mode(SaveMode.Overwrite)
                    .save();
        }
        if (asked == IoPath.DIRECT) {
            throw new JobFailedException("the direct path met a row that cannot be scored: " + bad.getMessage()
                    + "; --io row or --io auto deals with it as --on-bad-row says");
        }
        console.err().println("io: rows (auto: " + bad.getMessage() + ")");
        return Optional.empty();
    }

    static String summary(DirectResult result, RowAccount account, double wallSeconds) {
        TextTable table = new TextTable()
                .row("rows read", count(account.read()))
                .row("rows written", count(account.written()))
                .row("sequences", count(result.tally().get(Figure.SEQUENCES)))
                .row("query tokens", count(result.tally().get(Figure.QUERY_TOKENS)))
                .row("KV tokens", count(result.tally().get(Figure.KV_TOKENS)))
                .row("batches", count(result.tally().get(Figure.BATCHES)))
                .row("splits after GPU memory ran out", count(result.tally().get(Figure.SPLITS)))
                .row("wall time", String.format(Locale.ROOT, "%.1f s", wallSeconds))
                .row(
                        "sequences/s",
                        String.format(Locale.ROOT, "%,.0f", result.tally().get(Figure.SEQUENCES) / wallSeconds))
                .row("input GB/s", String.format(Locale.ROOT, "%.2f", result.inputBytes() / wallSeconds / 1e9));
        StringBuilder text = new StringBuilder(table.toString());
        text.append("\nio: direct, time of its threads in seconds:");
        result.seconds()
                .forEach((stage, seconds) -> text.append(String.format(Locale.ROOT, " %s %.2f", stage, seconds)));
        return text.toString();
    }

    private static void requireParquet(String input, String output) {
        if (!input.equals("parquet") || !output.equals("parquet")) {
            throw new NotDirectException("it reads and writes Parquet, not " + input + " and " + output);
        }
    }

    /** Where it does, nobody expects another path. Of a cluster the driver only knows what was asked for. */
    private static boolean worksOnCpu(SparkSession spark, PagedAttentionConf conf) {
        if (!spark.sparkContext().isLocal()) {
            boolean gpus = spark.sparkContext().conf().contains("spark.executor.resource.gpu.amount");
            return conf.backend().equals("cpu") || (conf.backend().equals("auto") && !gpus);
        }
        return !BackendChoice.choose(conf.backend(), conf.backendSettings(1), BackendChoice.installed())
                .provider()
                .name()
                .equals("cudnn");
    }

    private static void requireGpu(SparkSession spark, PagedAttentionConf conf) {
        if (worksOnCpu(spark, conf)) {
            throw new NotDirectException("it needs a GPU, and the backend is " + ScoreSummary.backend(conf, spark));
        }
        if (!spark.sparkContext().isLocal()) {
            if (!conf.backend().equals("cudnn")) {
                throw new NotDirectException(
                        "only executors know whether they have GPUs: ask for them with --backend cudnn");
            }
            return;
        }
        DirectScorer.requireCudf();
    }

    private static @Nullable BadPieceException badPiece(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(50)
                .filter(BadPieceException.class::isInstance)
                .map(BadPieceException.class::cast)
                .findFirst()
                .orElse(null);
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
