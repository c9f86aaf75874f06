package org.pagedattention.jobs.bench.sharing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.options.AttentionOptions;
import org.pagedattention.jobs.options.BackendOptions;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.ScoringOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what it saves to hold a history once. */
@Command(
        name = "sharing",
        mixinStandardHelpOptions = true,
        description = {
            "Times score over histories that many rows ask, Parquet to Parquet, for several numbers of rows a history: from"
                    + " two tables (shared), from two tables that Spark joins first (joined), and from one table in which"
                    + " every row has a copy of its history (unshared).",
            "Medians, after one run to warm up; shuffled bytes, bytes to and from the GPU, key tokens in batches and the"
                    + " fullest heap are those of the median run. On a GPU also how far that is from reading each history"
                    + " once, as fast as the card copies. In local mode."
        })
public final class BenchSharingCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1024",
            description =
                    "Rows that ask, in every comparison; there are as many histories as these numbers give (default:"
                            + " 1024)")
    private long rows;

    @Option(
            names = "--queries",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "1,8,64,512",
            description = "Rows a history, a comparison each (default: 1,8,64,512)")
    private List<Integer> queries = List.of();

    @Option(
            names = "--query-tokens",
            paramLabel = "FORM",
            defaultValue = "uniform:1:8",
            description = "Tokens of Q of a row: " + Lengths.FORMS + " (default: uniform:1:8)")
    private Lengths queryTokens = new Lengths.Uniform(1, 8);

    @Option(
            names = "--history-tokens",
            paramLabel = "FORM",
            defaultValue = "fixed:512",
            description = "Tokens of K and V of a history, the same forms (default: fixed:512)")
    private Lengths historyTokens = new Lengths.Fixed(512);

    @Option(
            names = "--ways",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "shared,joined,unshared",
            description = "What to compare (default: shared,joined,unshared)")
    private List<Way> ways = List.of();

    @Option(
            names = "--unshared-rows",
            paramLabel = "N",
            defaultValue = "0",
            description = "Rows of the table of copies, where there is no room for all: its time is that of these rows,"
                    + " and for all of them as much a row more, beside what the job takes for none (default: 0, all)")
    private long unsharedRows;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Timed runs of each (default: 3)")
    private int runs;

    @Option(
            names = "--dir",
            paramLabel = "PATH",
            description = "Folder for the tables; its subfolder bench-sharing is replaced (default: a temporary folder,"
                    + " removed at the end)")
    private @Nullable String dir;

    public BenchSharingCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (rows < 1 || runs < 1 || unsharedRows < 0 || queries.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "--rows, --runs and each of --queries must be 1 or more, and --unshared-rows not negative");
        }
        try (JobSession session = JobSession.open("bench sharing")) {
            PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(backend.settings()));
            ScoringOptions options = attention.request(conf).build();
            console.out().println("backend: " + Work.HISTORIES.backend(conf, session.spark()));
            console.out().println("histories: " + HistorySharing.explain(options));
            if (dir != null) {
                measureAll(session.spark(), options, dir + "/bench-sharing");
            } else {
                inTemporaryFolder(session.spark(), options);
            }
        }
        return Failures.DONE;
    }

    private void inTemporaryFolder(SparkSession spark, ScoringOptions options) {
        File temporary;
        try {
            temporary = Files.createTempDirectory("bench-sharing").toFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            measureAll(spark, options, temporary.toURI().toString());
        } finally {
            FileUtil.fullyDelete(temporary);
        }
    }

    private void measureAll(SparkSession spark, ScoringOptions options, String folder) {
        Optional<Card> card = Card.of(options.conf());
        long copied = ways.contains(Way.UNSHARED) ? Math.min(rows, unsharedRows == 0 ? rows : unsharedRows) : 0;
        for (int perHistory : queries) {
            SharingRows made =
                    new SharingRows(options.spec(), queryTokens, historyTokens, Math.max(1, rows / perHistory));
            SharingTables tables =
                    new SharingTables(spark, folder, 2 * spark.sparkContext().defaultParallelism(), false);
            tables.write(made, rows, copied);
            new Comparison(options, made, perHistory, rows, card, measure(tables, options, copied))
                    .print(console.out());
        }
    }

    private Map<Way, Comparison.Measured> measure(SharingTables tables, ScoringOptions options, long copied) {
        Map<Way, List<Figures>> all = new EnumMap<>(Way.class);
        Map<Way, Double> noRows = new EnumMap<>(Way.class);
        for (int run = 0; run <= runs; run++) {
            for (Way way : ways) {
                Figures figures = run(way, tables, options);
                if (run > 0) {
                    all.computeIfAbsent(way, key -> new ArrayList<>()).add(figures);
                } else {
                    noRows.put(way, run(way, tables.withoutRows(), options).seconds());
                }
            }
        }
        Map<Way, Comparison.Measured> medians = new EnumMap<>(Way.class);
        all.forEach((way, figures) -> medians.put(
                way,
                new Comparison.Measured(
                        figures.stream()
                                .sorted(Comparator.comparingDouble(Figures::seconds))
                                .toList()
                                .get(figures.size() / 2),
                        way == Way.UNSHARED ? copied : rows,
                        Objects.requireNonNull(noRows.get(way)))));
        return medians;
    }

    private static Figures run(Way way, SharingTables tables, ScoringOptions options) {
        return Figures.of(
                tables.spark(),
                () -> OutputOptions.overwriting(tables.folder() + "/out")
                        .write(way.score(tables, options), List.of("o")));
    }
}
