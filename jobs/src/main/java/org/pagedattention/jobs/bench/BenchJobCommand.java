package org.pagedattention.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.SequenceScorer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
    private final TableBench bench = new TableBench(256, 5);

    BenchJobCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        bench.check();
        try (JobSession session = JobSession.open("bench job")) {
            PagedAttentionConf conf = bench.conf(session);
            bench.inFolder("bench-job", folder -> measure(session.spark(), conf, folder));
        }
        return Failures.DONE;
    }

    private void measure(SparkSession spark, PagedAttentionConf conf, String folder) {
        String in = folder + "/in";
        bench.generate(spark, in, spark.sparkContext().defaultParallelism());
        ScoringOptions options = bench.attention.request(conf).build();
        List<ScoreTime> score = new ArrayList<>();
        List<Double> copy = new ArrayList<>();
        for (int run = 0; run <= bench.runs(); run++) {
            Dataset<Row> table = Tables.read(spark, "parquet", in, "--dir", console.err());
            ScoreTime scored = score(table, options, folder + "/scored");
            double copyMillis = millis(() -> write(copied(table), folder + "/copied"));
            if (run > 0) {
                score.add(scored);
                copy.add(copyMillis);
            }
        }
        report(spark, options, ScoreTime.median(score), TableBench.median(copy, millis -> millis));
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

    private void report(SparkSession spark, ScoringOptions options, ScoreTime score, double copyMillis) {
        AttentionSpec spec = options.spec();
        double ratio = score.millis() / copyMillis;
        console.out()
                .println(JsonLine.of("job")
                        .number("ratio", ratio, 3)
                        .number("scoreMillis", score.millis(), 1)
                        .number("copyMillis", copyMillis, 1)
                        .number("withoutAttentionShare", score.shareWithoutAttention(), 3)
                        .object("taskMillis", score.json())
                        .number("sequences", bench.sequences())
                        .text("lengths", bench.lengths())
                        .number("queryHeads", spec.queryHeads())
                        .number("kvHeads", spec.kvHeads())
                        .number("headDim", spec.headDim())
                        .text("dtype", spec.type())
                        .text("backend", options.conf().backend())
                        .number("runs", bench.runs())
                        .number("cpus", Runtime.getRuntime().availableProcessors())
                        .text("java", System.getProperty("java.version")));
        TextTable table = new TextTable()
                .row("score / copy", String.format(Locale.ROOT, "%.2f", ratio))
                .row("score, median ms", String.format(Locale.ROOT, "%.0f", score.millis()))
                .row("copy, median ms", String.format(Locale.ROOT, "%.0f", copyMillis))
                .row("sequences/s", String.format(Locale.ROOT, "%,.0f", 1000 * bench.sequences() / score.millis()));
        score.addTo(table);
        console.out().println(table.fact("backend", Work.ATTENTION.backend(options.conf(), spark)));
    }
}
