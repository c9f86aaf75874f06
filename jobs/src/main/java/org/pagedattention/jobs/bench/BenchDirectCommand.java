package org.pagedattention.jobs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.DirectResult;
import org.pagedattention.direct.DirectScorer;
import org.pagedattention.executor.Figure;
import org.pagedattention.jobs.cli.AttentionOptions;
import org.pagedattention.jobs.cli.BackendOptions;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.generate.GenerateCommand;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.Summary;
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
    private final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(names = "--sequences", paramLabel = "N", defaultValue = "4096", description = "Rows (default: 4096)")
    private long sequences = 4096;

    @Option(
            names = "--lengths",
            paramLabel = "FORM",
            defaultValue = "lognormal:512:0.8:4096",
            description = "Tokens of a sequence: " + Lengths.FORMS + " (default: lognormal:512:0.8:4096)")
    private Lengths lengths = new Lengths.LogNormal(512, 0.8, 4096);

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Timed runs of each (default: 3)")
    private int runs = 3;

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

    @Option(
            names = "--dir",
            paramLabel = "PATH",
            required = true,
            description = "Local folder for the tables; its subfolder bench-direct is replaced; required")
    private String dir = "";

    BenchDirectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (runs < 1 || sequences < 1 || rowRuns < 0) {
            throw new IllegalArgumentException("--runs " + runs + ", --sequences " + sequences + ", --row-runs "
                    + rowRuns + ": the first two must be 1 or more, the last 0 or more");
        }
        AttentionSpec spec = attention.spec();
        try (JobSession session = JobSession.open("bench direct")) {
            SparkSession spark = session.spark();
            PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(backend.settings()));
            TextTable table = new TextTable();
            for (String codec : codecs) {
                spark.conf().set(CODEC, codec.equals("none") ? "uncompressed" : codec);
                Path input = generate(spark, spec, codec);
                for (String result : results) {
                    measure(
                            spark,
                            attention.request(conf).emit(Emit.parse(result)).build(),
                            input,
                            codec,
                            result,
                            table);
                }
            }
            console.out().println(table.fact("backend", Summary.backend(conf, spark)));
        }
        return Failures.DONE;
    }

    private Path generate(SparkSession spark, AttentionSpec spec, String codec) {
        Path input = Path.of(dir, "bench-direct", "in-" + codec).toAbsolutePath();
        SequenceGenerator generator = new SequenceGenerator(spec, lengths, null, SequenceGenerator.Encoding.BINARY, 1);
        int partitions = spark.sparkContext().defaultParallelism() * 2;
        Dataset<Row> rows = GenerateCommand.dataset(
                spark, generator, sequences, partitions, spark.sparkContext().longAccumulator("sequences"));
        OutputOptions.overwriting(input.toUri().toString()).write(rows, List.of("q", "k", "v"));
        return input;
    }

    private void measure(
            SparkSession spark, ScoringOptions options, Path input, String codec, String result, TextTable table) {
        Path folder = Path.of(dir, "bench-direct").toAbsolutePath();
        String output = folder.resolve("out").toUri().toString();
        List<Run> all = new ArrayList<>();
        double idle;
        try (GpuSampler sampler = GpuSampler.start(Math.max(0, options.conf().gpu().device()))) {
            for (int run = 0; run <= runs; run++) {
                Dataset<Row> rows = spark.read().parquet(input.toUri().toString());
                delete(spark, output);
                long start = System.nanoTime();
                DirectResult done = DirectScorer.plan(rows, options).write(output, false);
                if (run > 0) {
                    all.add(new Run(start, System.nanoTime() - start, done));
                }
            }
            idle = sampler.idleShare(all.stream().map(Run::span).toList());
        }
        all.sort(Comparator.comparingLong(Run::nanos));
        Run median = all.get(all.size() / 2);
        double rowNanos = rowPath(spark, options, input, output);
        RawRates raw = RawRates.measure(
                input,
                folder.resolve("raw"),
                spark.sparkContext().defaultParallelism(),
                Math.max(1L << 30, median.result().outputBytes()));
        report(codec, result, median, rowNanos, raw, idle, table);
    }

    private double rowPath(SparkSession spark, ScoringOptions options, Path input, String output) {
        double best = Double.NaN;
        for (int run = 0; run < rowRuns; run++) {
            Dataset<Row> rows = spark.read().parquet(input.toUri().toString());
            delete(spark, output);
            long start = System.nanoTime();
            OutputOptions.overwriting(output)
                    .write(new SequenceScorer(options).score(rows), List.of("o", "lse", "pooled"));
            double nanos = System.nanoTime() - start;
            best = run == 0 ? nanos : Math.min(best, nanos);
        }
        return best;
    }

    /** What an earlier run wrote goes before the clock starts: to delete gigabytes takes as long as to write them. */
    private static void delete(SparkSession spark, String output) {
        HadoopFiles.delete(
                new org.apache.hadoop.fs.Path(output), spark.sparkContext().hadoopConfiguration());
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
        StringBuilder stages = new StringBuilder();
        StringBuilder stagesJson = new StringBuilder();
        for (Map.Entry<String, Double> spent : run.result().seconds().entrySet()) {
            String name = spent.getKey();
            double millis = 1e3 * spent.getValue();
            stages.append(text(" %s %.0f", name, millis));
            stagesJson.append(text("%s\"%s\": %.1f", stagesJson.isEmpty() ? "" : ", ", name, millis));
        }
        double rowRatio = rowNanos / run.nanos();
        console.out()
                .println(text(
                        "{\"bench\": \"direct\", \"timesRowPath\": %s, \"codec\": \"%s\", \"emit\": \"%s\","
                                + " \"inputGBs\": %.2f, \"outputGBs\": %.2f, \"rawReadGBs\": %.2f, \"rawWriteGBs\": %.2f,"
                                + " \"millis\": %.1f, \"rowMillis\": %s, \"inputBytes\": %d, \"outputBytes\": %d,"
                                + " \"sequences\": %d, \"splits\": %d, \"runs\": %d, \"gpuIdleShare\": %s, \"taskMillis\": {%s}}",
                        number(rowRatio),
                        codec,
                        result,
                        run.read(),
                        run.written(),
                        raw.readGigabytes(),
                        raw.writeGigabytes(),
                        run.nanos() / 1e6,
                        number(rowNanos / 1e6),
                        run.result().inputBytes(),
                        run.result().outputBytes(),
                        run.result().tally().get(Figure.SEQUENCES),
                        run.result().tally().get(Figure.SPLITS),
                        runs,
                        number(idle),
                        stagesJson));
        table.row(
                codec + ", " + result,
                text(
                        "%s x row path; in %.2f GB/s (raw %.2f), out %.2f GB/s (raw %.2f), %.0f ms, no kernel on the GPU"
                                + " %s of the time; task ms:%s",
                        number(rowRatio),
                        run.read(),
                        raw.readGigabytes(),
                        run.written(),
                        raw.writeGigabytes(),
                        run.nanos() / 1e6,
                        number(idle),
                        stages));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "null" : text("%.2f", value);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
