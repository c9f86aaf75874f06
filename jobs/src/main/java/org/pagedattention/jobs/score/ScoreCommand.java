package org.pagedattention.jobs.score;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.DirectResult;
import org.pagedattention.jobs.cli.AttentionOptions;
import org.pagedattention.jobs.cli.BackendOptions;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.InputOptions;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.OutputOptions;
import org.pagedattention.jobs.cli.OutputPlace;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores a table. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = {
            "Computes attention for every row of a table and writes the results beside the row's other columns.",
            "Columns q, k and v hold one sequence a row, token-major: [tokens, heads, head dim]."
        })
public final class ScoreCommand implements Callable<Integer> {
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
            paramLabel = "HOW",
            defaultValue = "auto",
            description = "row (through Spark's rows), direct (Parquet straight to the GPU and back; needs the cudnn"
                    + " backend and cuDF, and never falls back) or auto (direct where that works, else row; on a GPU"
                    + " it says why) (default: auto)")
    private IoPath io = IoPath.AUTO;

    @Mixin
    private final ResumeOptions resume = new ResumeOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    public ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(input::require, output::require, attention.shape::require);
        AttentionSpec spec = attention.spec();
        Set<Emit> columns = Emit.parse(emit);
        results.requireUse(columns);
        BadRowPolicy policy = BadRowPolicy.parse(onBadRow);
        Map<String, String> overrides = new HashMap<>(backend.settings());
        overrides.putAll(policy.settings());
        if (resume.wanted() && io == IoPath.DIRECT) {
            throw new IllegalArgumentException("--resume works through rows: leave --io direct out, or --resume");
        }
        try (HeadStart headStart = headStart(spec, columns, overrides);
                JobSession session = Timeline.time("Spark session", () -> JobSession.open("score"))) {
            PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(overrides));
            SparkSession spark = session.spark();
            policy.requireApart(spark, input.path(), output.path());
            results.requireHeadApart(spark, output.path());
            ScoringOptions options = options(spec, columns, conf, spark);
            if (!resume.wanted() && scoredDirectly(headStart, spark, options)) {
                return Failures.DONE;
            }
            ScoreRun run = new ScoreRun(spark, options, console);
            long start = System.nanoTime();
            RowAccount account = resume.wanted() ? resumed(run, policy, conf, spark) : whole(run, policy, spark);
            if (account == null) {
                console.out().println("nothing to do: " + output.path() + " is whole");
                return Failures.DONE;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            console.out().println(ScoreSummary.of(account, run.figures(), seconds, conf, spark));
            console.out().println("written: " + output.path());
            if (account.quarantined() > 0) {
                console.out().println("quarantined: " + account.quarantined() + " rows in " + policy.path());
            }
        }
        return Failures.DONE;
    }

    private RowAccount whole(ScoreRun run, BadRowPolicy policy, SparkSession spark) {
        OutputPlace.requireWritable(spark, output, console, input.path());
        SaveMode mode = output.overwrite() ? SaveMode.Overwrite : SaveMode.ErrorIfExists;
        OutputFolder target = new OutputFolder(spark, new Path(output.path()), output.format());
        Dataset<Row> table = input.read(spark, console);
        if (output.overwrite()) {
            OutputPlace.requireOther(spark, output, table);
        }
        RowAccount account = run.run(table, target, mode, policy.path());
        target.mark(account);
        return account;
    }

    private @Nullable RowAccount resumed(
            ScoreRun run, BadRowPolicy policy, PagedAttentionConf conf, SparkSession spark) {
        if (output.overwrite()) {
            throw new IllegalArgumentException(
                    "--resume goes on with what is there, and --mode overwrite replaces it:" + " give one of the two");
        }
        // a backend that cannot work fails here, before later runs are bound to it
        var unused = ScoreSummary.backend(conf, spark);
        ResumableRun resumable = new ResumableRun(spark, run, input, output, policy.path(), console);
        Map<String, String> decisive = ResumeOptions.decisive(command.options(), conf);
        decisive.put("--head as of", results.headVersion(spark.sparkContext().hadoopConfiguration()));
        return resumable.run(decisive, resume.unitBytes(spark));
    }

    private HeadStart headStart(AttentionSpec spec, Set<Emit> columns, Map<String, String> overrides) {
        SparkConf spark = new SparkConf();
        PagedAttentionConf conf = PagedAttentionConf.parse(JobSession.conf(spark, overrides));
        boolean direct = io != IoPath.ROW && !resume.wanted();
        return HeadStart.begin(conf, spark, spec, columns.contains(Emit.LSE), direct);
    }

    private boolean scoredDirectly(HeadStart headStart, SparkSession spark, ScoringOptions options) {
        OutputPlace.requireWritable(spark, output, console, input.path());
        long start = System.nanoTime();
        Optional<DirectResult> result = new DirectPath(io, headStart, console).score(spark, input, output, options);
        result.ifPresent(done -> {
            OutputFolder target = new OutputFolder(spark, new Path(output.path()), output.format());
            RowAccount account = new RowAccount(done.tableRows(), Timeline.time("count", () -> target.count(null)), 0);
            target.mark(account);
            console.out().println(DirectPath.summary(done, account, (System.nanoTime() - start) / 1e9));
            console.out().println(ScoreSummary.places(options.conf(), spark));
            console.out().println("written: " + output.path());
        });
        return result.isPresent();
    }

    private ScoringOptions options(AttentionSpec spec, Set<Emit> columns, PagedAttentionConf conf, SparkSession spark) {
        return ScoringOptions.builder(spec)
                .computeType(attention.computeType())
                .columns(attention.columns())
                .emit(columns)
                .pooling(results.pooling())
                .head(results.head(spec, spark.sparkContext().hadoopConfiguration()))
                .conf(conf)
                .build();
    }
}
