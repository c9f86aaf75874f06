package org.pagedattention.jobs.bench.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.jobs.options.BackendOptions;
import org.pagedattention.jobs.run.TableRun;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.tensor.ElementType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores until it is told to end, and watches what the process holds. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = {
            "Scores tables of random lengths and random bad rows, one after the other in one process.",
            "Counts their rows, and fails when memory, open files or threads keep growing. For local mode, on Linux.",
            "scripts/soak.sh gives it settings without which what Spark itself keeps would look like growth."
        })
public final class BenchSoakCommand implements Callable<Integer> {
    private static final int ROWS = 400;
    private static final int SAMPLES = 30;

    private final Console console;

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "20",
            description = "How long to go on; fractions count (default: 20)")
    private double minutes = 20;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Any whole number (default: 0)")
    private long seed;

    @Option(
            names = "--folder",
            paramLabel = "PATH",
            required = true,
            description = "Folder for the tables, removed at the end; required")
    private String folder = "";

    public BenchSoakCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (!(minutes > 0 && minutes <= 10_000)) {
            throw new IllegalArgumentException("--minutes " + minutes + " is out of range: give above 0, up to 10000");
        }
        try (JobSession session = JobSession.open("soak")) {
            SparkSession spark = session.spark();
            if (!spark.sparkContext().isLocal()) {
                throw new IllegalArgumentException("a soak watches its own process: give --master 'local[2]'");
            }
            if (HadoopFiles.exists(new Path(folder), hadoop(spark))) {
                throw new IllegalArgumentException("--folder " + folder + " exists: give a path of its own");
            }
            return soak(spark, session);
        }
    }

    private int soak(SparkSession spark, JobSession session) {
        List<ResourceSample> samples = new ArrayList<>();
        Random random = new Random(seed);
        Duration interval = Duration.ofMillis((long) (minutes * 60_000 / SAMPLES));
        RowAccount total = RowAccount.NONE;
        int rounds = 0;
        try {
            while (samples.size() < SAMPLES) {
                long end = System.nanoTime() + interval.toNanos();
                do {
                    total = total.plus(round(spark, session, random));
                    rounds++;
                } while (System.nanoTime() < end);
                samples.add(ResourceSample.take());
            }
        } finally {
            // also of a round that fails after hours
            console.out().println(ResourceGrowth.table(samples));
            HadoopFiles.delete(new Path(folder), hadoop(spark));
        }
        PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(backend.settings()));
        console.out().println("backend: " + Work.ATTENTION.backend(conf, spark));
        long plans = ExecutorMetrics.snapshot().getOrDefault(Figure.PLAN_MISSES, 0L);
        console.out()
                .printf(
                        Locale.ROOT,
                        "%,d rounds, %,d plans built; rows: %,d read, %,d written, %,d quarantined%n",
                        rounds,
                        plans,
                        total.read(),
                        total.written(),
                        total.quarantined());
        List<String> complaints = ResourceGrowth.complaints(samples);
        if (!complaints.isEmpty()) {
            throw new JobFailedException("what the process holds keeps growing: " + String.join("; ", complaints));
        }
        if (plans > 0 && samples.stream().allMatch(sample -> sample.device() == 0)) {
            console.out().println("GPU memory was not watched: nvidia-smi knows nothing of this process");
        }
        console.out()
                .println("flat: from the middle third to the last nothing grew by more than " + ResourceGrowth.slack());
        return Failures.DONE;
    }

    private RowAccount round(SparkSession spark, JobSession session, Random random) {
        AttentionSpec spec = spec(random);
        Lengths lengths = random.nextBoolean()
                ? new Lengths.LogNormal(1 + random.nextInt(200), 1, 4000)
                : new Lengths.Uniform(1, 1 + random.nextInt(300));
        PoisonedRows rows = new PoisonedRows(
                new SequenceGenerator(spec, lengths, null, SequenceGenerator.Encoding.BINARY, random.nextLong()));
        Dataset<Row> made = spark.range(0, ROWS, 1, 1 + random.nextInt(4))
                .map(rows, Encoders.row(rows.rows().nullableSchema()));
        Path output = new Path(folder, "out");
        String quarantine = new Path(folder, "quarantine").toString();
        TableRun run = run(spark, options(spec, session, random));
        RowAccount account =
                run.run(made, new OutputFolder(spark, output, "parquet"), SaveMode.ErrorIfExists, quarantine);
        long bad = rows.bad(ROWS);
        if (account.read() != ROWS || account.quarantined() != bad) {
            throw new JobFailedException("of " + ROWS + " rows " + bad + " are bad, but " + account);
        }
        HadoopFiles.delete(new Path(folder), hadoop(spark));
        return account;
    }

    private TableRun run(SparkSession spark, ScoringOptions options) {
        return new TableRun(
                spark, "soak", Work.ATTENTION, options.conf(), input -> SequenceScorer.plan(input, options), console);
    }

    private static AttentionSpec spec(Random random) {
        int kvHeads = 1 + random.nextInt(2);
        int headDim = 16 << random.nextInt(3);
        Mask mask = random.nextBoolean() ? Mask.causal() : Mask.none();
        return new AttentionSpec(
                kvHeads * (1 + random.nextInt(2)),
                kvHeads,
                headDim,
                headDim,
                random.nextBoolean() ? ElementType.FP16 : ElementType.BF16,
                mask,
                AttentionSpec.defaultScale(headDim));
    }

    private ScoringOptions options(AttentionSpec spec, JobSession session, Random random) {
        Map<String, String> settings = new HashMap<>(backend.settings());
        settings.put(PagedAttentionConf.PREFIX + "onBadRow", "quarantine");
        settings.putIfAbsent(PagedAttentionConf.PREFIX + "page.layout", random.nextBoolean() ? "packed" : "padded");
        return ScoringOptions.builder(spec)
                .emit(Set.of(Emit.O, Emit.LSE, Emit.POOLED))
                .conf(PagedAttentionConf.parse(session.conf(settings)))
                .build();
    }

    private static Configuration hadoop(SparkSession spark) {
        return spark.sparkContext().hadoopConfiguration();
    }
}
