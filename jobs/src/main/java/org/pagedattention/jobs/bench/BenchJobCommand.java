package org.pagedattention.jobs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
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
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.SequenceScorer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what attention costs a job. */
@Command(
        name = "job",
        mixinStandardHelpOptions = true,
        description = {
            "Times score against the same Spark job without attention: it reads q, k and v and writes q as o.",
            "Medians; the runs of both alternate, and both run once before that to warm up. Of the median run of score"
                    + " it says what its tasks did, added up over them."
        })
final class BenchJobCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "256",
            description = "Rows of the table (default: 256)")
    private long sequences = 256;

    @Option(
            names = "--lengths",
            paramLabel = "FORM",
            defaultValue = "lognormal:512:0.8:4096",
            description = "Tokens of a sequence: " + Lengths.FORMS + " (default: lognormal:512:0.8:4096)")
    private Lengths lengths = new Lengths.LogNormal(512, 0.8, 4096);

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Timed runs of each of the two jobs (default: 5)")
    private int runs = 5;

    @Option(
            names = "--dir",
            paramLabel = "PATH",
            description = "Folder for the tables, on a file system that all executors see; its subfolder bench-job is"
                    + " replaced (default: a temporary folder, removed at the end)")
    private @Nullable String dir;

    BenchJobCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (runs < 1 || sequences < 1) {
            throw new IllegalArgumentException("--runs and --sequences must be 1 or more");
        }
        AttentionSpec spec = attention.spec();
        try (JobSession session = JobSession.open("bench job")) {
            PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(backend.settings()));
            if (dir != null) {
                measure(session.spark(), spec, conf, dir + "/bench-job");
                return Failures.DONE;
            }
            Path temporary = temporaryFolder();
            try {
                measure(session.spark(), spec, conf, temporary.toUri().toString());
            } finally {
                delete(temporary);
            }
        }
        return Failures.DONE;
    }

    private void measure(SparkSession spark, AttentionSpec spec, PagedAttentionConf conf, String folder) {
        String in = folder + "/in";
        SequenceGenerator generator = new SequenceGenerator(spec, lengths, null, SequenceGenerator.Encoding.BINARY, 1);
        int partitions = spark.sparkContext().defaultParallelism();
        Dataset<Row> rows = GenerateCommand.dataset(
                spark, generator, sequences, partitions, spark.sparkContext().longAccumulator("sequences"));
        OutputOptions.overwriting(in).write(rows, List.of("q", "k", "v"));
        ScoringOptions options = attention.request(conf).build();
        List<ScoreTime> score = new ArrayList<>();
        List<Double> copy = new ArrayList<>();
        for (int run = 0; run <= runs; run++) {
            Dataset<Row> table = Tables.read(spark, "parquet", in, "--dir", console.err());
            ScoreTime scored = score(table, options, folder + "/scored");
            double copyMillis = millis(() -> write(copied(table), folder + "/copied"));
            if (run > 0) {
                score.add(scored);
                copy.add(copyMillis);
            }
        }
        report(spark, spec, conf, ScoreTime.median(score), median(copy));
    }

    private static ScoreTime score(Dataset<Row> table, ScoringOptions options, String path) {
        long start = System.nanoTime();
        ScoredTable scored = new SequenceScorer(options).scoreAndCount(table);
        write(scored.rows(), path);
        return ScoreTime.of((System.nanoTime() - start) / 1e6, scored.counters());
    }

    private static void write(Dataset<Row> rows, String path) {
        OutputOptions.overwriting(path).write(rows, List.of("o"));
    }

    private static double millis(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    /** Everything that scoring does to a row but attention: all three tensors are read, one is written. */
    private static Dataset<Row> copied(Dataset<Row> table) {
        StructType schema = new StructType()
                .add("id", DataTypes.LongType)
                .add("name", DataTypes.StringType)
                .add("o", DataTypes.BinaryType);
        MapFunction<Row, Row> copy = row -> {
            if (row.<byte[]>getAs("k").length == 0 || row.<byte[]>getAs("v").length == 0) {
                return RowFactory.create(row.getAs("id"), row.getAs("name"), new byte[0]);
            }
            return RowFactory.create(row.getAs("id"), row.getAs("name"), row.getAs("q"));
        };
        return table.map(copy, Encoders.row(schema));
    }

    private void report(
            SparkSession spark, AttentionSpec spec, PagedAttentionConf conf, ScoreTime score, double copyMillis) {
        double ratio = score.millis() / copyMillis;
        console.out()
                .printf(
                        Locale.ROOT,
                        "{\"bench\": \"job\", \"ratio\": %.3f, \"scoreMillis\": %.1f, \"copyMillis\": %.1f,"
                                + " \"withoutAttentionShare\": %.3f, \"taskMillis\": %s, \"sequences\": %d,"
                                + " \"lengths\": \"%s\", \"queryHeads\": %d, \"kvHeads\": %d, \"headDim\": %d,"
                                + " \"dtype\": \"%s\", \"backend\": \"%s\", \"runs\": %d, \"cpus\": %d,"
                                + " \"java\": \"%s\"}%n",
                        ratio,
                        score.millis(),
                        copyMillis,
                        score.shareWithoutAttention(),
                        score.json(),
                        sequences,
                        lengths,
                        spec.queryHeads(),
                        spec.kvHeads(),
                        spec.headDim(),
                        spec.type(),
                        conf.backend(),
                        runs,
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"));
        TextTable table = new TextTable()
                .row("score / copy", String.format(Locale.ROOT, "%.2f", ratio))
                .row("score, median ms", String.format(Locale.ROOT, "%.0f", score.millis()))
                .row("copy, median ms", String.format(Locale.ROOT, "%.0f", copyMillis))
                .row("sequences/s", String.format(Locale.ROOT, "%,.0f", 1000 * sequences / score.millis()));
        score.addTo(table);
        console.out().println(table.fact("backend", Summary.backend(conf, spark)));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("bench-job");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
