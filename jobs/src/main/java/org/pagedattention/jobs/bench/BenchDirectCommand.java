package org.pagedattention.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.DirectResult;
import org.pagedattention.direct.DirectScorer;
import org.pagedattention.executor.Figure;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the direct path from Parquet to Parquet. */
@Command(
        name = "direct",
        mixinStandardHelpOptions = true,
        description = {
            "Times Parquet to Parquet over the direct path, for each codec and result, against this machine's raw file"
                    + " rates and against the row path. In local mode; medians, after one run to warm up."
        })
final class BenchDirectCommand implements Callable<Integer> {
    private static final String CODEC = "spark.sql.parquet.compression.codec";

    private final Console console;

    @Mixin
    private final TableBench bench = new TableBench(4096, 3);

    @Option(
            names = "--row-runs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Timed runs of the row path; 0 leaves it out (default: 1)")
    private int rowRuns = 1;

    @Option(
            names = "--codecs",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "none,snappy,zstd",
            description = "Compression of input and output (default: none,snappy,zstd)")
    private List<String> codecs = List.of("none", "snappy", "zstd");

    @Option(
            names = "--results",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "pooled,o",
            description = "What to emit, one run each (default: pooled,o)")
    private List<String> results = List.of("pooled", "o");

    BenchDirectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        bench.check();
        if (rowRuns < 0) {
            throw new IllegalArgumentException("--row-runs " + rowRuns + " is negative: 0 leaves the row path out");
        }
        try (JobSession session = JobSession.open("bench direct")) {
            PagedAttentionConf conf = bench.conf(session);
            bench.inFolder("bench-direct", folder -> measureAll(session.spark(), conf, new Path(folder)));
        }
        return Failures.DONE;
    }

    private void measureAll(SparkSession spark, PagedAttentionConf conf, Path folder) {
        TextTable table = new TextTable();
        for (String codec : codecs) {
            spark.conf().set(CODEC, codec.equals("none") ? "uncompressed" : codec);
            Path input = new Path(folder, "in-" + codec);
            bench.generate(spark, input.toString(), spark.sparkContext().defaultParallelism() * 2);
            for (String result : results) {
                ScoringOptions options =
                        bench.attention.request(conf).emit(Emit.parse(result)).build();
                measure(spark, options, input, codec, result, table);
            }
        }
        console.out().println(table.fact("backend", Work.ATTENTION.backend(conf, spark)));
    }

    private void measure(
            SparkSession spark, ScoringOptions options, Path input, String codec, String result, TextTable table) {
        Path folder = input.getParent();
        Path output = new Path(folder, "out");
        List<Run> all = new ArrayList<>();
        double idle;
        try (GpuSampler sampler =
                GpuSampler.start(Math.max(0, options.conf().gpu().device()))) {
            for (int run = 0; run <= bench.runs(); run++) {
                Dataset<Row> rows = spark.read().parquet(input.toString());
                delete(spark, output);
                long start = System.nanoTime();
                DirectResult done = DirectScorer.plan(rows, options).write(output.toString(), false);
                if (run > 0) {
                    all.add(new Run(start, System.nanoTime() - start, done));
                }
            }
            idle = sampler.idleShare(all.stream().map(Run::span).toList());
        }
        Run median = TableBench.median(all, Run::nanos);
        double rowNanos = rowPath(spark, options, input, output);
        RawRates raw = RawRates.measure(
                local(input),
                local(folder).resolve("raw"),
                spark.sparkContext().defaultParallelism(),
                Math.max(1L << 30, median.result().outputBytes()));
        report(codec, result, median, rowNanos, raw, idle, table);
    }

    private double rowPath(SparkSession spark, ScoringOptions options, Path input, Path output) {
        double best = Double.NaN;
        for (int run = 0; run < rowRuns; run++) {
            Dataset<Row> rows = spark.read().parquet(input.toString());
            delete(spark, output);
            long start = System.nanoTime();
            OutputOptions.overwriting(output.toString())
                    .write(new SequenceScorer(options).score(rows), List.of("o", "lse", "pooled"));
            double nanos = System.nanoTime() - start;
            best = run == 0 ? nanos : Math.min(best, nanos);
        }
        return best;
    }

    /** A benchmark in local mode has local files. */
    private static java.nio.file.Path local(Path path) {
        return java.nio.file.Path.of(path.toUri().getPath());
    }

    /** What an earlier run wrote goes before the clock starts: to delete gigabytes takes as long as to write them. */
    private static void delete(SparkSession spark, Path output) {
        HadoopFiles.delete(output, spark.sparkContext().hadoopConfiguration());
    }

    /** A timed run; bytes over nanoseconds are gigabytes a second. */
    private record Run(long start, long nanos, DirectResult result) {

        GpuSampler.Span span() {
            return new GpuSampler.Span(start, start + nanos);
        }

        double read() {
            return (double) result.inputBytes() / nanos;
        }

        double written() {
            return (double) result.outputBytes() / nanos;
        }
    }

    private void report(
            String codec, String result, Run run, double rowNanos, RawRates raw, double idle, TextTable table) {
        JsonLine stages = new JsonLine();
        StringBuilder stagesText = new StringBuilder();
        run.result().seconds().forEach((stage, seconds) -> {
            stages.number(stage, 1000 * seconds, 1);
            stagesText.append(text(" %s %.0f", stage, 1000 * seconds));
        });
        double rowRatio = rowNanos / run.nanos();
        console.out()
                .println(JsonLine.of("direct")
                        .number("timesRowPath", rowRatio, 2)
                        .text("codec", codec)
                        .text("emit", result)
                        .number("inputGBs", run.read(), 2)
                        .number("outputGBs", run.written(), 2)
                        .number("rawReadGBs", raw.readGigabytes(), 2)
                        .number("rawWriteGBs", raw.writeGigabytes(), 2)
                        .number("millis", run.nanos() / 1e6, 1)
                        .number("rowMillis", rowNanos / 1e6, 2)
                        .number("inputBytes", run.result().inputBytes())
                        .number("outputBytes", run.result().outputBytes())
                        .number("sequences", run.result().tally().get(Figure.SEQUENCES))
                        .number("splits", run.result().tally().get(Figure.SPLITS))
                        .number("runs", bench.runs())
                        .number("gpuIdleShare", idle, 2)
                        .object("taskMillis", stages));
        table.row(
                codec + ", " + result,
                text(
                        "%.2f x row path; in %.2f GB/s (raw %.2f), out %.2f GB/s (raw %.2f), %.0f ms, no kernel on the GPU"
                                + " %.2f of the time; task ms:%s",
                        rowRatio,
                        run.read(),
                        raw.readGigabytes(),
                        run.written(),
                        raw.writeGigabytes(),
                        run.nanos() / 1e6,
                        idle,
                        stagesText));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
