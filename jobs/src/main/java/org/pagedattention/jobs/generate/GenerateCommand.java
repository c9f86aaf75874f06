package org.pagedattention.jobs.generate;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.ShapeOptions;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.OutputPlace;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a table of random sequences. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a table of random sequences: id, name and standard normal q, k and v.",
            "The same options give the same rows, whatever the number of partitions."
        })
public final class GenerateCommand implements Callable<Integer> {
    /** Bytes of one partition when nobody says how many there should be. */
    private static final long PARTITION_BYTES = 128L << 20;

    private final Console console;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final ShapeOptions shape = new ShapeOptions();

    @Option(names = "--sequences", paramLabel = "N", description = "Rows to write; required")
    private @Nullable Long wanted;

    @Option(
            names = "--lengths",
            paramLabel = "FORM",
            defaultValue = "lognormal:512:0.8:4096",
            description = "Tokens of a sequence: " + Lengths.FORMS + ". MEAN is the mean of the lengths before the cut"
                    + " at MAX, SIGMA the standard deviation of their natural logarithm; A and B are both included"
                    + " (default: lognormal:512:0.8:4096)")
    private Lengths lengths = new Lengths.LogNormal(512, 0.8, 4096);

    @Option(
            names = "--kv-lengths",
            paramLabel = "FORM",
            description = "Tokens of K and V where they differ from Q's, as in decoding: the forms of --lengths")
    private @Nullable Lengths kvLengths;

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            defaultValue = "binary",
            description = "binary (little-endian --dtype) or array (ARRAY<FLOAT>) (default: binary)")
    private SequenceGenerator.Encoding encoding = SequenceGenerator.Encoding.BINARY;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Any whole number (default: 0)")
    private long seed;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Files to write, one task each (default: one for every 128 MiB, at least one a core)")
    private int partitions;

    public GenerateCommand(Console console) {
        this.console = console;
    }

    /** The command with what else it makes. */
    public static CommandLine with(Console console) {
        return new CommandLine(new GenerateCommand(console))
                .addSubcommand(new GeneratePromptsCommand(console))
                .addSubcommand(new GenerateHistoriesCommand(console));
    }

    @Override
    public Integer call() {
        Required.check(output::require, required -> required.need("--sequences", wanted != null), shape::require);
        long sequences = requireNonNull(wanted);
        if (sequences < 0 || partitions < 0) {
            throw new IllegalArgumentException(
                    (sequences < 0 ? "--sequences " + sequences : "--partitions " + partitions)
                            + " is negative: give 0 or more");
        }
        AttentionSpec spec = shape.spec();
        SequenceGenerator generator = new SequenceGenerator(spec, lengths, kvLengths, encoding, seed);
        try (JobSession session = JobSession.open("generate")) {
            SparkSession spark = session.spark();
            OutputPlace.requireWritable(spark, output, console);
            long start = System.nanoTime();
            LongAccumulator done = spark.sparkContext().longAccumulator("sequences");
            try (Progress progress = Progress.show(spark, "generate", done, sequences, console)) {
                Dataset<Row> rows = dataset(spark, generator, sequences, partitions(spark, generator, sequences), done);
                output.write(rows, List.of("q", "k", "v"));
            }
            console.out()
                    .printf(
                            Locale.ROOT,
                            "generated %,d sequences (%s, %s) in %s, %.1f s%n",
                            sequences,
                            lengths,
                            spec.type(),
                            output.path(),
                            (System.nanoTime() - start) / 1e9);
        }
        return Failures.DONE;
    }

    private int partitions(SparkSession spark, SequenceGenerator generator, long sequences) {
        return partitions > 0
                ? partitions
                : partitions(spark.sparkContext().defaultParallelism(), generator, sequences);
    }

    /** Files of about the usual size, but one for each of {@code cores} at least. */
    public static int partitions(int cores, SequenceGenerator generator, long sequences) {
        return partitions(cores, generator.meanRowBytes(), sequences);
    }

    /** Files of about the usual size for rows of {@code rowBytes}, but one for each of {@code cores} at least. */
    static int partitions(int cores, double rowBytes, long rows) {
        double wanted = rows * rowBytes / PARTITION_BYTES;
        return (int) Math.max(cores, Math.min(wanted, 100_000));
    }

    /** The table, made row by row. */
    public static Dataset<Row> dataset(
            SparkSession spark, SequenceGenerator generator, long sequences, int partitions, LongAccumulator done) {
        MapFunction<Long, Row> row = id -> {
            done.add(1);
            return generator.row(id);
        };
        return spark.range(0, sequences, 1, partitions).map(row, Encoders.row(generator.schema()));
    }
}
