package org.pagedattention.jobs.generate;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.ShapeOptions;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.OutputPlace;
import org.pagedattention.jobs.table.Tables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a table of histories, and one of rows that ask them. */
@Command(
        name = "histories",
        mixinStandardHelpOptions = true,
        description = {
            "Writes two tables of standard normal numbers for score --kv-input: rows that ask histories (id, history, q),"
                    + " and the histories (history, k, v). With --own-tokens for score --prefix-input: rows have k and v"
                    + " too.",
            "The same options give the same rows, whatever the number of partitions."
        })
public final class GenerateHistoriesCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(
            names = "--kv-output",
            paramLabel = "PATH",
            description = "Folder to write the histories to; --output takes the rows that ask them; required")
    private String kvOutput = "";

    @Mixin
    private final ShapeOptions shape = new ShapeOptions();

    @Option(
            names = "--histories",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Histories that rows ask (default: 1000)")
    private long histories;

    @Option(
            names = "--unused",
            paramLabel = "N",
            defaultValue = "0",
            description = "Histories more, which no row asks (default: 0)")
    private long unused;

    @Option(
            names = "--queries",
            paramLabel = "N",
            defaultValue = "64",
            description = "Rows a history, on average (default: 64)")
    private long queries;

    @Option(
            names = "--query-tokens",
            paramLabel = "FORM",
            defaultValue = "uniform:1:8",
            description = "Tokens of Q of a row: " + Lengths.FORMS + " (default: uniform:1:8)")
    private Lengths queryTokens = new Lengths.Uniform(1, 8);

    @Option(
            names = "--history-tokens",
            paramLabel = "FORM",
            defaultValue = "fixed:4096",
            description = "Tokens of K and V of a history, the same forms (default: fixed:4096)")
    private Lengths historyTokens = new Lengths.Fixed(4096);

    @Option(
            names = "--own-tokens",
            paramLabel = "FORM",
            description =
                    "Tokens of K and V of a row itself, behind those of its history as --prefix-input has them, the"
                            + " same forms (default: rows have no k and v)")
    private @Nullable Lengths ownTokens;

    @Option(
            names = "--skew",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the rows that ask the first history, whatever their turn (default: 0)")
    private double skew;

    @Option(
            names = "--missing",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the rows whose history is in no table (default: 0)")
    private double missing;

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
            defaultValue = "0",
            description = "Files to write of each table, one task each (default: one for every 128 MiB, at least one a"
                    + " core)")
    private int partitions;

    public GenerateHistoriesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(output::require, required -> required.need("--kv-output", !kvOutput.isEmpty()), shape::require);
        if (queries < 0 || unused < 0 || partitions < 0) {
            throw new IllegalArgumentException(
                    "--queries, --unused and --partitions count, and are 0 or more: give other numbers");
        }
        SequenceGenerator tensors = new SequenceGenerator(shape.spec(), queryTokens, historyTokens, encoding, seed);
        HistoryGenerator generator = new HistoryGenerator(tensors, histories, skew, missing, ownTokens);
        try (JobSession session = JobSession.open("generate")) {
            SparkSession spark = session.spark();
            OutputOptions held = output.at(kvOutput);
            Tables.requireApart(spark, "--kv-output", kvOutput, "--output", output.path());
            OutputPlace.requireWritable(spark, output, console);
            OutputPlace.requireWritable(spark, held, console);
            write(
                    spark,
                    held,
                    histories + unused,
                    tensors.meanHistoryBytes(),
                    List.of("k", "v"),
                    generator.historySchema(),
                    generator::history);
            write(
                    spark,
                    output,
                    histories * queries,
                    tensors.meanQueryBytes() + (ownTokens == null ? 0 : ownTokens.mean() * tensors.historyTokenBytes()),
                    ownTokens == null ? List.of("q") : List.of("q", "k", "v"),
                    generator.querySchema(),
                    generator::query);
            console.out()
                    .printf(
                            Locale.ROOT,
                            "generated %,d histories (%s) in %s and %,d rows (%s) that ask %,d of them in %s%n",
                            histories + unused,
                            historyTokens,
                            kvOutput,
                            histories * queries,
                            queryTokens,
                            histories,
                            output.path());
        }
        return Failures.DONE;
    }

    private void write(
            SparkSession spark,
            OutputOptions place,
            long rows,
            double rowBytes,
            List<String> tensorColumns,
            StructType schema,
            RowMaker maker) {
        int cores = spark.sparkContext().defaultParallelism();
        int files = partitions > 0 ? partitions : GenerateCommand.partitions(cores, rowBytes, rows);
        LongAccumulator done = spark.sparkContext().longAccumulator("rows");
        try (Progress progress = Progress.show(spark, "generate", done, rows, console)) {
            place.write(
                    dataset(spark, rows, files, schema, id -> {
                        done.add(1);
                        return maker.row(id);
                    }),
                    tensorColumns);
        }
    }

    /** Makes the row of a number. */
    public interface RowMaker extends java.io.Serializable {
        Row row(long number);
    }

    /** A table, made row by row. */
    public static Dataset<Row> dataset(SparkSession spark, long rows, int files, StructType schema, RowMaker maker) {
        MapFunction<Long, Row> row = maker::row;
        return spark.range(0, rows, 1, files).map(row, Encoders.row(schema));
    }
}
