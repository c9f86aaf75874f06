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
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.OnBadRow;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.BadPieceException;
import org.pagedattention.direct.DirectResult;
import org.pagedattention.direct.DirectScorer;
import org.pagedattention.direct.parquet.NotDirectException;
import org.pagedattention.files.Literal;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.RunReport;
import org.pagedattention.jobs.run.TableJob;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;

/** Decides between rows and the direct path, and takes the latter. */
final class DirectPath {
    private final IoPath asked;
    private final String needsRows;
    private final HeadStart headStart;
    private final TableJob job;
    private final SparkSession spark;

    /**
     * @param asked what {@code --io} says
     * @param needsRows why rows have to do it; empty where that is not so
     */
    DirectPath(IoPath asked, String needsRows, HeadStart headStart, TableJob job) {
        this.asked = asked;
        this.needsRows = needsRows;
        this.headStart = headStart;
        this.job = job;
        spark = job.spark();
    }

    /**
     * Scores the job's input directly, when that was asked for or is better. It is opened only where that may work.
     *
     * @return false when rows have to do it; why was printed
     * @throws NotDirectException when only the direct path was asked for and cannot work
     */
    boolean score(ScoringOptions options) {
        if (asked == IoPath.ROW || (asked == IoPath.AUTO && worksOnCpu())) {
            return false;
        }
        long start = System.nanoTime();
        Optional<DirectResult> scored = attempt(options);
        scored.ifPresent(result -> {
            OutputFolder target = job.target();
            RowAccount account =
                    new RowAccount(result.tableRows(), Timeline.time("count", () -> target.count(null)), 0);
            target.mark(account);
            double seconds = (System.nanoTime() - start) / 1e9;
            job.report(new RunReport(account, result.tally(), result.profile(), seconds), way(result, seconds));
        });
        return scored.isPresent();
    }

    private Optional<DirectResult> attempt(ScoringOptions options) {
        try {
            if (!needsRows.isEmpty()) {
                throw new NotDirectException(needsRows);
            }
            requireParquet(job.inputFormat(), job.output().format());
            requireGpu();
            Dataset<Row> table = job.input();
            headStart.takeMemory(table, options);
            DirectScorer scorer = Timeline.time("planning", () -> DirectScorer.plan(table, options));
            OutputOptions output = job.output();
            try (Progress progress = Progress.show(spark, "score", scorer.sequences(), scorer.rows(), job.console())) {
                return Optional.of(Timeline.time("scoring", () -> scorer.write(output.path(), output.overwrite())));
            }
        } catch (NotDirectException e) {
            if (asked == IoPath.DIRECT) {
                throw new NotDirectException("--io direct cannot work here: " + e.getMessage());
            }
            job.console().err().println("io: rows (auto: " + e.getMessage() + ")");
            return Optional.empty();
        } catch (Exception e) {
            // Spark's own exception is checked, and thrown all the same
            BadPieceException bad = badPiece(e);
            if (bad == null) {
                throw e;
            }
            return scoreByRows(bad, options);
        }
    }

    /** The row path says which row is bad; where bad rows are kept, it has to do the whole table. */
    private Optional<DirectResult> scoreByRows(BadPieceException bad, ScoringOptions options) {
        if (options.conf().onBadRow() == OnBadRow.FAIL) {
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
        job.console().err().println("io: rows (auto: " + bad.getMessage() + ")");
        return Optional.empty();
    }

    private static String way(DirectResult result, double wallSeconds) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "io: direct, %.2f GB/s of input, time of its threads in seconds:",
                result.inputBytes() / wallSeconds / 1e9));
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
    private boolean worksOnCpu() {
        PagedAttentionConf conf = job.conf();
        if (!spark.sparkContext().isLocal()) {
            boolean gpus = spark.sparkContext().conf().contains("spark.executor.resource.gpu.amount");
            return conf.backend() == BackendName.CPU || (conf.backend() == BackendName.AUTO && !gpus);
        }
        BackendChoice choice =
                BackendChoice.choose(conf.backend().toString(), conf.backendSettings(1), BackendChoice.installed());
        return !BackendName.CUDNN.is(choice);
    }

    private void requireGpu() {
        PagedAttentionConf conf = job.conf();
        if (worksOnCpu()) {
            throw new NotDirectException("it needs a GPU, and the backend is " + Work.ATTENTION.backend(conf, spark));
        }
        if (!spark.sparkContext().isLocal()) {
            if (conf.backend() != BackendName.CUDNN) {
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
}
