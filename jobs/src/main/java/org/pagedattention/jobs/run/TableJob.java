package org.pagedattention.jobs.run;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.jobs.explain.Explained;
import org.pagedattention.jobs.explain.Explanation;
import org.pagedattention.jobs.report.Report;
import org.pagedattention.jobs.report.RunFigures;
import org.pagedattention.jobs.report.VectorMap;
import org.pagedattention.jobs.table.Json;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.ParquetRows;
import org.pagedattention.jobs.table.PathPattern;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.jobs.tuning.LargeRowSettings;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;
import org.pagedattention.scoring.models.ModelFacts;
import org.pagedattention.scoring.models.RowSample;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/**
 * One run of a command from table to table: it reads the input, lets a workload fill the output, in one go or in units
 * that a later run need not do again, and says that the output is whole once all rows are counted there. To be closed,
 * which stops the Spark that it started. For the command's thread alone.
 */
public final class TableJob implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableJob.class);
    private final CommandSpec command;
    private final Work work;
    private final TableOptions options;
    private final Console console;
    private final JobSession session;
    private final Map<String, String> settings;
    private final PagedAttentionConf conf;
    private @Nullable ModelFacts model;
    private @Nullable Function<Dataset<Row>, RowSample> measure;
    private LongFunction<@Nullable VectorMap> map = rows -> null;
    private @Nullable Dataset<Row> table;
    private @Nullable Thread ahead;

    private TableJob(CommandSpec command, Work work, TableOptions options, Console console, JobSession session) {
        this.command = command;
        this.work = work;
        this.options = options;
        this.console = console;
        this.session = session;
        settings = session.conf(options.settings());
        conf = PagedAttentionConf.parse(settings);
        if (work.ofModels()) {
            LargeRowSettings.readTexts(session.spark());
        }
    }

    /**
     * Starts Spark and looks at the places of the output and of bad rows.
     *
     * @param command its name is the job's, its options are what a run with {@code --resume} is known by
     * @param work what it does to rows
     * @throws IllegalArgumentException naming the option or setting that is wrong
     */
    public static TableJob open(CommandSpec command, Work work, TableOptions options, Console console) {
        JobSession session = Timeline.time("Spark session", () -> JobSession.open(command.name()));
        try {
            TableJob job = new TableJob(command, work, options, console, session);
            options.requirePlaces(job.spark(), job.conf, console);
            return job;
        } catch (Throwable e) {
            session.close();
            throw e;
        }
    }

    String name() {
        return command.name();
    }

    /**
     * Has a report show where vectors lie.
     *
     * @param vectors the output's column
     * @param text column of what they are made of; null where that is token ids
     */
    public void mapped(String vectors, @Nullable String text) {
        map = rows -> VectorMap.of(target(), vectors, text, rows);
    }

    /**
     * Says what is understood of the model that does the work.
     *
     * @param sampled what rows come to before the model computes them
     */
    public void model(ModelFacts facts, Function<Dataset<Row>, RowSample> sampled) {
        model = facts;
        measure = sampled;
        if (!options.explains()) {
            console.out().println("model: " + facts.description());
        }
    }

    public SparkSession spark() {
        return session.spark();
    }

    /** All settings, those that options stand for included. */
    public PagedAttentionConf conf() {
        return conf;
    }

    public Console console() {
        return console;
    }

    public OutputOptions output() {
        return options.output;
    }

    public String inputFormat() {
        return options.input.format();
    }

    /** The input, opened and looked at once however often it is asked for. */
    public Dataset<Row> input() {
        Dataset<Row> known = table;
        if (known == null) {
            known = Timeline.time("table", () -> options.input.read(spark(), console));
            if (options.output.overwrite()) {
                OutputPlace.requireOther(spark(), options.output, known);
            }
            table = known;
        }
        return known;
    }

    /**
     * Refuses an output that would take {@code file} with what it replaces.
     *
     * @param option the option that names the file
     */
    public void requireOutputApart(String option, String file) {
        Tables.requireApart(spark(), "--output", options.output.path(), option, file);
    }

    /**
     * Where tasks run in this process, does what they would wait for while Spark starts and plans; what goes wrong, they
     * will find too.
     *
     * @param load for tasks with so many threads
     */
    public void ahead(IntConsumer load) {
        if (!spark().sparkContext().isLocal() || ahead != null || options.explains()) {
            return;
        }
        int own = conf.stage().taskCpus();
        int cpus = own > 0 ? own : spark().sparkContext().getConf().getInt("spark.task.cpus", 1);
        Thread started = new Thread(() -> load.accept(cpus), "ahead");
        started.setUncaughtExceptionHandler((thread, e) -> LOG.debug("nothing was done ahead", e));
        started.setDaemon(true);
        started.start();
        ahead = started;
    }

    /**
     * Refuses places of results that lie in another table that is read, or it in them.
     *
     * @param option the option that names the table
     * @param path what it says
     */
    public void requireApart(String option, String path, Dataset<Row> other) {
        if (!PathPattern.is(path, spark().sparkContext().hadoopConfiguration())) {
            requireOutputApart(option, path);
            if (!options.quarantine().isEmpty()) {
                Tables.requireApart(spark(), "--on-bad-row quarantine=", options.quarantine(), option, path);
            }
        }
        if (options.output.overwrite()) {
            OutputPlace.requireOther(spark(), options.output, other);
        }
    }

    /**
     * Does all rows that are left to do, by Spark's rows.
     *
     * @param plan makes the workload for tables with the columns that it gets
     * @param others what else decides what is computed, such as the state of files that options name
     */
    public void run(Function<StructType, WorkloadPlan> plan, Map<String, String> others) {
        run(plan, UnaryOperator.identity(), others, "");
    }

    /**
     * Does what {@link #run(Function, Map)} does, with the rows in another order.
     *
     * @param order the rows, ordered, or with others among them that the workload asks for
     * @param more a line for behind the summary; may be empty
     */
    public void run(
            Function<StructType, WorkloadPlan> plan,
            UnaryOperator<Dataset<Row>> order,
            Map<String, String> others,
            String more) {
        if (options.explains()) {
            console.out().println(Explanation.of(explained(plan)));
            return;
        }
        // a backend that cannot work fails here, before anything is written or later runs are bound to it
        String backend = work.backend(conf, spark());
        TableRun run = new TableRun(spark(), command.name(), work, conf, plan, console)
                .ordering(order)
                .counting(this::rowsKnown);
        long start = System.nanoTime();
        RowAccount account = options.resumes() ? resumed(run, others) : whole(run);
        if (account == null) {
            write(SummaryFile.nothingToDo(name(), options.output.path(), backend));
            console.out()
                    .println("nothing to do: " + options.output.path() + " is whole"
                            + (options.report().wanted() ? ", and nothing for a report to show" : ""));
        } else {
            report(new RunReport(account, run.figures(), run.profile(), (System.nanoTime() - start) / 1e9), more);
        }
    }

    private Explained explained(Function<StructType, WorkloadPlan> plan) {
        Map<String, String> kept = new HashMap<>(settings);
        kept.put(PagedAttentionConf.PREFIX + "onBadRow", "null");
        String backend = null;
        String trouble = "";
        try {
            backend = work.backend(conf, spark());
        } catch (IllegalStateException e) {
            trouble = String.valueOf(e.getMessage());
        }
        WorkloadPlan made = plan.apply(input().schema());
        return new Explained(
                work.rows(),
                options.input.path() + ": " + options.input.format(),
                options.input.sample(input()),
                rowsKnown(input()),
                options.output.words(TableScorer.outputSchema(input().schema(), made, conf)),
                made,
                PagedAttentionConf.parse(kept),
                backend,
                trouble,
                work != Work.HISTORIES && work != Work.PREFIXES,
                model,
                measure);
    }

    private OptionalLong rowsKnown(Dataset<Row> input) {
        return options.input.format().equals("parquet") ? ParquetRows.known(input) : OptionalLong.empty();
    }

    private RowAccount whole(TableRun run) {
        SaveMode mode = options.output.overwrite() ? SaveMode.Overwrite : SaveMode.ErrorIfExists;
        OutputFolder target = target();
        RowAccount account = run.run(input(), target, mode, options.quarantine());
        target.mark(account);
        return account;
    }

    private @Nullable RowAccount resumed(TableRun run, Map<String, String> others) {
        Map<String, String> decisive = new TreeMap<>(ResumeOptions.decisive(command.options()));
        decisive.putAll(ResumeOptions.decisive(PagedAttentionConf.values(settings)));
        decisive.putAll(others);
        return new ResumableRun(this, options, run).run(decisive, options.resume.unitBytes(spark()));
    }

    /** The output's folder. */
    public OutputFolder target() {
        return new OutputFolder(spark(), new Path(options.output.path()), options.output.format());
    }

    /**
     * Says what was done, and writes it where that is wanted.
     *
     * @param more a line for behind the table; may be empty
     */
    public void report(RunReport run, String more) {
        RowAccount account = run.account();
        write(SummaryFile.of(
                name(),
                options.output.path(),
                work,
                account,
                run.figures(),
                run.seconds(),
                work.backend(conf, spark())));
        console.out().println(Summary.of(work, account, run.figures(), run.seconds()));
        if (!more.isEmpty()) {
            console.out().println(more);
        }
        console.out().println(Summary.places(work, conf, spark()));
        console.out().println("written: " + options.output.path());
        if (account.quarantined() > 0) {
            console.out().println("quarantined: " + account.quarantined() + " rows in " + options.quarantine());
        }
        if (options.report().wanted()) {
            RunFigures figures = run.figures(name(), options.output.path(), work, conf, spark(), model);
            options.report().write(spark(), Report.html(figures, map.apply(account.written())));
            console.out().println("report: " + options.report().file());
        }
    }

    private void write(SummaryFile summary) {
        if (options.summary().wanted()) {
            options.summary().write(spark(), Json.text(summary) + "\n");
        }
    }

    @Override
    public void close() {
        try (session) {
            // a process must not end while a driver's library is at work in it
            if (ahead != null) {
                ahead.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
