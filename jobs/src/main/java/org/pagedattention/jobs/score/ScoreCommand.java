package org.pagedattention.jobs.score;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.AttentionOptions;
import org.pagedattention.jobs.options.PageOptions;
import org.pagedattention.jobs.run.TableJob;
import org.pagedattention.jobs.run.TableOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.Histories;
import org.pagedattention.scoring.SequenceScorer;
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
            "Columns q, k and v hold one sequence a row, token-major: [tokens, heads, head dim]. With --kv-input, k and v of"
                    + " many rows lie in another table once; with --prefix-input, those that rows begin with."
        })
public final class ScoreCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final PageOptions pages = new PageOptions();

    @Mixin
    private final TableOptions table = new TableOptions(pages::settings);

    @Mixin
    private final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final ResultOptions results = new ResultOptions();

    @Mixin
    private final HistoryOptions histories = new HistoryOptions();

    @Option(
            names = "--key",
            paramLabel = "COL",
            description =
                    "With --kv-input: the column of both tables that says whose history a row asks, of whole numbers,"
                            + " STRING, BINARY, DECIMAL, DATE or TIMESTAMP")
    private String key = "";

    @Mixin
    private final PrefixOptions prefixes = new PrefixOptions();

    @Option(
            names = "--dedupe",
            description =
                    "Look for pages of k and v that rows of a task begin with in common, byte by byte, and hold them"
                            + " once a batch")
    private boolean dedupe;

    @Option(
            names = "--emit",
            paramLabel = "LIST",
            defaultValue = "o",
            description = "Result columns, with commas between: o (attention output, encoded as q), lse (natural"
                    + " log-sum-exp, a float for every token and query head), pooled (one vector a row), score (the"
                    + " head's answer to the pooled vector) (default: o)")
    private String emit = "o";

    @Option(
            names = "--io",
            paramLabel = "HOW",
            defaultValue = "auto",
            description = "row (through Spark's rows), direct (Parquet straight to the GPU and back; needs the cudnn"
                    + " backend and cuDF, and never falls back) or auto (direct where that works, else row; on a GPU"
                    + " it says why) (default: auto)")
    private IoPath io = IoPath.AUTO;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    public ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(table::require, attention.shape::require);
        AttentionSpec spec = attention.spec();
        Set<Emit> columns = Emit.parse(emit);
        results.requireUse(columns);
        requireOneTable();
        if (table.resumes() && io == IoPath.DIRECT) {
            throw new IllegalArgumentException("--resume works through rows: leave --io direct out, or --resume");
        }
        try (HeadStart headStart = headStart(spec, columns);
                TableJob job = TableJob.open(command, work(), table, console)) {
            Configuration hadoop = job.spark().sparkContext().hadoopConfiguration();
            results.requireHeadApart(job);
            ScoringOptions options = attention
                    .request(job.conf())
                    .emit(columns)
                    .pooling(results.pooling())
                    .head(results.head(spec, hadoop))
                    .dedupe(dedupe)
                    .build();
            if (table.resumes()
                    || table.explains()
                    || !new DirectPath(io, needsRows(), headStart, job).score(options)) {
                run(job, options, Map.of("--head as of", results.headVersion(hadoop)));
            }
        }
        return Failures.DONE;
    }

    private void requireOneTable() {
        histories.requireKey("--key", key);
        prefixes.require();
        if (histories.given() && prefixes.given()) {
            throw new IllegalArgumentException(
                    "with --kv-input rows have no k and v, and with --prefix-input they have:"
                            + " leave one of them out");
        }
        if (dedupe && (histories.given() || prefixes.given())) {
            throw new IllegalArgumentException("--dedupe finds what rows of --input begin with, and a key says so here:"
                    + " leave it out, or the other table");
        }
    }

    private Work work() {
        if (histories.given()) {
            return Work.HISTORIES;
        }
        return prefixes.given() ? Work.PREFIXES : dedupe ? Work.DEDUPED : Work.ATTENTION;
    }

    /** Why this has to be done through rows; empty where it has not. */
    private String needsRows() {
        return switch (work()) {
            case HISTORIES -> "it reads one table, and --kv-input is a second";
            case PREFIXES -> "it reads one table, and --prefix-input is a second";
            case DEDUPED -> "--dedupe looks at the bytes of rows";
            default -> "";
        };
    }

    private void run(TableJob job, ScoringOptions options, Map<String, String> files) {
        switch (work()) {
            case HISTORIES -> run(job, options, histories.table(), histories.read(job.spark(), console, key), files);
            case PREFIXES -> run(job, options, prefixes.table(), prefixes.read(job.spark(), console), files);
            default -> job.run(input -> SequenceScorer.plan(input, options), files);
        }
    }

    private void run(
            TableJob job, ScoringOptions options, KeyedTable second, Histories held, Map<String, String> files) {
        second.requireApart(job, held.table());
        Map<String, String> all = new HashMap<>(files);
        if (table.resumes()) {
            all.put(second.option() + " as of", KeyedTable.version(held.table()));
        }
        job.run(
                queries -> held.plan(queries, options),
                queries -> held.with(queries, options),
                all,
                (held.prefixes() ? "prefixes: " : "histories: ") + held.sharing(options));
    }

    private HeadStart headStart(AttentionSpec spec, Set<Emit> columns) {
        SparkConf spark = new SparkConf();
        PagedAttentionConf conf = PagedAttentionConf.parse(JobSession.conf(spark, table.settings()));
        boolean direct = io != IoPath.ROW
                && !table.resumes()
                && !table.explains()
                && needsRows().isEmpty();
        return HeadStart.begin(conf, spark, spec, columns.contains(Emit.LSE), direct);
    }
}
