package org.pagedattention.jobs.bench.sharing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.generate.HistoryGenerator;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
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
                    + " fullest heap are those of the median run. In local mode."
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
        if (rows < 1 || runs < 1 || queries.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("--rows, --runs and each of --queries must be 1 or more");
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
        SequenceGenerator tensors =
                new SequenceGenerator(options.spec(), queryTokens, historyTokens, SequenceGenerator.Encoding.BINARY, 1);
        for (int perHistory : queries) {
            HistoryGenerator generator = new HistoryGenerator(tensors, Math.max(1, rows / perHistory), 0, 0);
            SharingTables tables =
                    new SharingTables(spark, folder, 2 * spark.sparkContext().defaultParallelism());
            tables.write(generator, rows, ways.contains(Way.UNSHARED));
            report(options, perHistory, generator, measure(tables, options));
        }
    }

    private Map<Way, Figures> measure(SharingTables tables, ScoringOptions options) {
        Map<Way, List<Figures>> all = new EnumMap<>(Way.class);
        for (int run = 0; run <= runs; run++) {
            for (Way way : ways) {
                Figures figures = Figures.of(
                        tables.spark(),
                        () -> OutputOptions.overwriting(tables.folder() + "/out")
                                .write(way.score(tables, options), List.of("o")));
                if (run > 0) {
                    all.computeIfAbsent(way, key -> new ArrayList<>()).add(figures);
                }
            }
        }
        Map<Way, Figures> medians = new EnumMap<>(Way.class);
        all.forEach((way, figures) -> medians.put(
                way,
                figures.stream()
                        .sorted(Comparator.comparingDouble(Figures::seconds))
                        .toList()
                        .get(figures.size() / 2)));
        return medians;
    }

    private void report(ScoringOptions options, int perHistory, HistoryGenerator generator, Map<Way, Figures> medians) {
        AttentionSpec spec = options.spec();
        long tokenBytes =
                (long) (spec.keyElements() + spec.valueElements()) * spec.type().bytes();
        double once = (double) generator.historyTokens() * tokenBytes;
        Figures slowest = medians.getOrDefault(Way.UNSHARED, medians.get(Way.JOINED));
        medians.forEach((way, figures) -> {
            double faster = slowest == null ? Double.NaN : slowest.seconds() / figures.seconds();
            double held = (double) figures.kvTokens() * tokenBytes;
            console.out()
                    .println(JsonLine.of("sharing")
                            .text("way", way)
                            .number("queries_a_history", perHistory)
                            .number("times_unshared", faster, 2)
                            .number("seconds", figures.seconds(), 3)
                            .number("rows", rows)
                            .number("histories", generator.histories())
                            .text("history_tokens", historyTokens)
                            .number("mb_of_histories", once / 1e6, 1)
                            .number("mb_held_in_batches", held / 1e6, 1)
                            .number("copies_held", held / once, 3)
                            .number("mb_shuffled", figures.shuffled() / 1e6, 1)
                            .number("mb_to_and_from_gpu", figures.copied() / 1e6, 1)
                            .number("gpu_seconds", figures.gpuSeconds(), 4)
                            .number("peak_heap_mb", figures.heap() / 1e6, 1));
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%4d rows a history, %-8s %8.3f s, x%.2f; shuffled %,.0f MB, held %,.0f MB (%.2f copies),"
                                    + " to and from the GPU %,.0f MB, fullest heap %,.0f MB%n",
                            perHistory,
                            way,
                            figures.seconds(),
                            faster,
                            figures.shuffled() / 1e6,
                            held / 1e6,
                            held / once,
                            figures.copied() / 1e6,
                            figures.heap() / 1e6);
        });
        console.out().flush();
    }
}
