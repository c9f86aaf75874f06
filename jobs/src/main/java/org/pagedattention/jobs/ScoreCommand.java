package org.pagedattention.jobs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.DirectResult;
import org.pagedattention.scoring.Emit;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores a table. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = {
            "Computes attention for every row of a table and writes the results beside the row's other columns.",
            "Columns q, k and v hold one sequence a row, token-major: [tokens, heads, head dim]."
        })
final class ScoreCommand implements Callable<Integer> {
    private static final List<String> RESULTS = List.of("o", "lse", "pooled");

    private final Console console;

    @Mixin
    private final InputOptions input = new InputOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final ResultOptions results = new ResultOptions();

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(
            names = "--emit",
            paramLabel = "LIST",
            defaultValue = "o",
            description = "Result columns, with commas between: o (attention output, encoded as q), lse (natural"
                    + " log-sum-exp, a float for every token and query head), pooled (one vector a row), score (the"
                    + " head's answer to the pooled vector) (default: o)")
    private String emit = "o";

    @Option(
            names = "--on-bad-row",
            paramLabel = "POLICY",
            description = "fail (stop the job), null (null results, reason in column error) or quarantine=PATH (row and"
                    + " reason are written there, the output holds the rest) (default: fail)")
    private String onBadRow = "";

    @Option(
            names = "--io",
            paramLabel = "PATH",
            defaultValue = "auto",
            description = "row (through Spark's rows), direct (Parquet straight to the GPU and back; needs the cudnn"
                    + " backend and cuDF, and never falls back) or auto (direct where that works) (default: auto)")
    private IoPath io = IoPath.AUTO;

    ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        AttentionSpec spec = attention.spec();
        BadRowPolicy policy = BadRowPolicy.parse(onBadRow);
        Map<String, String> overrides = new HashMap<>(backend.settings());
        overrides.putAll(policy.settings());
        input.path();
        try (JobSession session = JobSession.open("score")) {
            PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(overrides));
            SparkSession spark = session.spark();
            Tables.requireWritable(spark, output, input.path());
            Quarantine quarantine = policy.quarantine(spark);
            ScoringOptions options = options(spec, conf, spark);
            SequenceScorer scorer = new SequenceScorer(options, quarantine);
            Dataset<Row> table = input.read(spark);
            if (scoredDirectly(table, options)) {
                return Failures.DONE;
            }
            Dataset<Row> scored = scorer.score(table);
            long start = System.nanoTime();
            try (Progress progress =
                    Progress.show(spark, "score", scorer.counters().sequences(), console)) {
                Tables.write(scored, output, RESULTS);
            }
            long aside = quarantine == null ? 0 : quarantine.publish(table);
            double seconds = (System.nanoTime() - start) / 1e9;
            console.out().println(ScoreSummary.of(scorer.counters(), seconds, conf, spark));
            console.out().println("written: " + output.path());
            if (aside > 0) {
                console.out().println("quarantined: " + aside + " rows in " + policy.path());
            }
        }
        return Failures.DONE;
    }

    private boolean scoredDirectly(Dataset<Row> table, ScoringOptions options) {
        long start = System.nanoTime();
        Optional<DirectResult> result = new DirectPath(io, console).score(table, input.format(), output, options);
        result.ifPresent(done -> {
            console.out().println(DirectPath.summary(done, (System.nanoTime() - start) / 1e9));
            console.out().println("written: " + output.path());
        });
        return result.isPresent();
    }

    private ScoringOptions options(AttentionSpec spec, PagedAttentionConf conf, SparkSession spark) {
        return ScoringOptions.builder(spec)
                .computeType(attention.computeType())
                .columns(attention.columns())
                .emit(Emit.parse(emit))
                .pooling(results.pooling())
                .head(results.head(spark.sparkContext().hadoopConfiguration()))
                .conf(conf)
                .build();
    }
}
