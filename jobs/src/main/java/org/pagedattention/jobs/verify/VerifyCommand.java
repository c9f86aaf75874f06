package org.pagedattention.jobs.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.AttentionOptions;
import org.pagedattention.jobs.options.BackendOptions;
import org.pagedattention.jobs.options.ColumnList;
import org.pagedattention.jobs.run.InputOptions;
import org.pagedattention.jobs.score.ResultOptions;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Verifies a scored table. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Computes a scored table again in fp64 and compares every result column that is there. With --model: what embed,"
                    + " classify or loglikelihood wrote; with --reference: vectors that were made elsewhere.",
            "Exit status 1 when a row is outside tolerance: fp16 5e-3 + 3e-3 of the value, bf16 2e-2 + 2e-2, fp32 1e-5"
                    + " + 1e-5.",
            "Parquet and ORC are read row by row, by other code of Spark's than score reads them with.",
            "Give the options that score was given."
        })
public final class VerifyCommand implements Callable<Integer> {
    private static final Set<String> WITH_PRESET =
            Set.of("--preset", "--backend", "--page-size", "--layout", "--batch-tokens", "--stacktrace");

    private static final Set<String> REFERENCE_IGNORES =
            Set.of("--sample", "--key", "--quarantine", "--model", "--pair");

    private final Console console;

    @Mixin
    private final InputOptions input = new InputOptions();

    @Mixin
    private final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final ResultOptions results = new ResultOptions();

    @Mixin
    private final HistoryTable histories = new HistoryTable();

    @Mixin
    private final ModelOptions model = new ModelOptions();

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(names = "--scored", paramLabel = "PATH", description = "What score wrote; required")
    private String scoredPath = "";

    @Option(
            names = "--scored-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark reads, such as orc (default: parquet)")
    private String scoredFormat = "parquet";

    @Option(
            names = "--quarantine",
            paramLabel = "PATH",
            description = "Where score put bad rows: these are not looked for in --scored")
    private String quarantinePath = "";

    @Option(
            names = "--key",
            paramLabel = "NAME",
            description = "Columns that tell rows apart, with commas between; a name with a comma stands in backticks,"
                    + " and one in it is doubled, as in SQL (default: all carried columns)")
    private List<String> keys = new ArrayList<>();

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "Rows to compare, the same ones each time; 0: all (default: 0)")
    private long sample;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description =
                    "sample: make the problem of cuDNN's paged sample (4 sequences of 1024 tokens, 12 heads of 64,"
                            + " fp16, causal), run it and compare it in one go; takes only --backend, --page-size, --layout and"
                            + " --batch-tokens, and requires none of the options that else are required")
    private @Nullable String preset;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    public VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (sample < 0) {
            throw new IllegalArgumentException("--sample " + sample + " is negative: it counts rows");
        }
        if (preset != null) {
            return verifyPreset(preset);
        }
        if (model.reference.given()) {
            refuse("with --reference, which finds rows by their text,", "attention", "results", "input", "histories");
            refuseOptions("with --reference, which finds rows by their text,", REFERENCE_IGNORES);
            return verifyReference();
        }
        if (model.given()) {
            refuse("with --model", "attention", "histories");
            refuseOptions("with --model", Set.of("--head"));
            return verifyModel();
        }
        refuse("without --model", "model");
        return verifyAttention();
    }

    /** Refuses options that change nothing: those of groups, by the names of their fields. */
    private void refuse(String when, String... groups) {
        Set<String> names = new TreeSet<>();
        for (String group : groups) {
            names.addAll(Objects.requireNonNull(command.mixins().get(group))
                    .optionsMap()
                    .keySet());
        }
        refuseOptions(when, names);
    }

    private void refuseOptions(String when, Set<String> names) {
        String ignored = given(names::contains);
        if (!ignored.isEmpty()) {
            throw new IllegalArgumentException(
                    ignored + " changes nothing " + when + " as verify compares: leave it out");
        }
    }

    /** Those of the options on the command line, with commas between. */
    private String given(Predicate<String> some) {
        return command.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(some)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private int verifyPreset(String name) {
        if (!name.equals("sample")) {
            throw new IllegalArgumentException("preset '" + name + "' is not known: use sample");
        }
        String ignored = given(option -> !WITH_PRESET.contains(option));
        if (!ignored.isEmpty()) {
            throw new IllegalArgumentException(
                    "--preset makes its own tables and compares all of them: leave out " + ignored);
        }
        try (JobSession session = JobSession.open("verify")) {
            return report(SamplePreset.run(session, backend, console));
        }
    }

    private int verifyAttention() {
        Required.check(input::require, this::requireScored, attention.shape::require);
        histories.require();
        AttentionSpec spec = attention.spec();
        try (JobSession session = JobSession.open("verify")) {
            SparkSession spark = Tables.withOtherReaders(session.spark());
            Dataset<Row> scored = scored(spark);
            LinearHead head = results.head(spec, spark.sparkContext().hadoopConfiguration());
            Set<Emit> emitted = emitted(scored, head);
            results.requireUse(emitted);
            ScoringOptions asked = attention
                    .request(PagedAttentionConf.defaults())
                    .emit(emitted)
                    .pooling(results.pooling())
                    .head(head)
                    .build();
            Verdict verdict = histories.given()
                    ? verify(
                            spark,
                            scored,
                            new RowCheck(asked, histories.key(), histories.prefixes()),
                            histories.join(spark, console, asked.columns()))
                    : verify(spark, scored, new RowCheck(asked, null, false), UnaryOperator.identity());
            int status = report(verdict);
            if (verdict.anyWrong() && spec.type() == ElementType.FP32 && asked.computeType() == null) {
                console.err().println("hint: a GPU computes fp32 in bf16: give --compute-dtype bf16 if one scored");
            }
            return status;
        }
    }

    private int verifyModel() {
        Required.check(input::require, this::requireScored);
        try (JobSession session = JobSession.open("verify")) {
            SparkSession spark = Tables.withOtherReaders(session.spark());
            Dataset<Row> scored = scored(spark);
            return report(
                    verify(spark, scored, model.comparison(scored, results.poolingName()), UnaryOperator.identity()));
        }
    }

    private int verifyReference() {
        Required.check(this::requireScored);
        try (JobSession session = JobSession.open("verify")) {
            SparkSession spark = Tables.withOtherReaders(session.spark());
            Dataset<Row> reference =
                    Tables.read(spark, "parquet", String.valueOf(model.reference.path()), "--reference", console.err());
            return report(model.reference.verify(scored(spark), reference, model.textColumn(), model.tolerance()));
        }
    }

    private void requireScored(Required required) {
        required.need("--scored", !scoredPath.isEmpty());
    }

    private Verdict verify(
            SparkSession spark, Dataset<Row> scored, Comparison comparison, UnaryOperator<Dataset<Row>> completion) {
        LongAccumulator done = spark.sparkContext().longAccumulator("sequences verified");
        try (Progress progress = Progress.show(spark, "verify", done, Progress.UNKNOWN, console)) {
            Verifier verifier = new Verifier(comparison, ColumnList.parse("--key", keys), sample, completion);
            Dataset<Row> table = input.read(spark, console);
            if (!quarantinePath.isEmpty()) {
                table = verifier.without(
                        Tables.read(spark, "parquet", quarantinePath, "--quarantine", console.err()), table);
            }
            return verifier.verify(table, scored, done);
        }
    }

    private Dataset<Row> scored(SparkSession spark) {
        if (scoredFormat.equalsIgnoreCase("csv")) {
            throw new IllegalArgumentException(
                    "--scored-format csv: verify finds columns by their names and types, which"
                            + " csv does not keep: score into parquet, orc or json to verify");
        }
        Dataset<Row> scored = Tables.read(spark, scoredFormat, scoredPath, "--scored", console.err());
        String o = Emit.O.column();
        boolean text = Arrays.stream(scored.schema().fields())
                .anyMatch(field -> field.name().equals(o) && field.dataType().equals(DataTypes.StringType));
        // json has no BINARY: Spark writes it in base 64
        return text && scoredFormat.equalsIgnoreCase("json")
                ? scored.withColumn(o, functions.unbase64(scored.col(o)))
                : scored;
    }

    private Set<Emit> emitted(Dataset<Row> scored, @Nullable LinearHead head) {
        List<String> names = Arrays.asList(scored.columns());
        Set<Emit> present = EnumSet.noneOf(Emit.class);
        for (Emit emit : Emit.values()) {
            if (names.contains(emit.column()) && (emit != Emit.SCORE || head != null)) {
                present.add(emit);
            }
        }
        if (present.isEmpty()) {
            throw new IllegalArgumentException("nothing to compare: the scored table has " + String.join(", ", names)
                    + ", but none of o, lse, pooled (score needs --head)");
        }
        if (names.contains("score") && head == null) {
            console.err().println("warning: column score is not compared: give --head FILE to compare it");
        }
        return present;
    }

    private int report(Verdict verdict) {
        console.out().print(verdict.table());
        verdict.problems().forEach(problem -> console.err().println("error: " + problem));
        if (model.given()) {
            model.advice(verdict).ifPresent(console.err()::println);
        }
        console.err().flush();
        console.out().println(verdict.lastLine());
        return verdict.passed() ? Failures.DONE : Failures.FAILED;
    }
}
