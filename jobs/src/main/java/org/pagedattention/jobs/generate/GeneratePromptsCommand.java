package org.pagedattention.jobs.generate;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Progress;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.run.OutputPlace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a table of continuations behind prompts. */
@Command(
        name = "prompts",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a table of random token ids: id, prompt (its number), context_tokens and tokens, of which many rows"
                    + " have the same prompt.",
            "The same options give the same rows, whatever the number of partitions."
        })
public final class GeneratePromptsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "64", description = "Different prompts (default: 64)")
    private int prompts;

    @Option(
            names = "--continuations",
            paramLabel = "N",
            defaultValue = "32",
            description = "Rows a prompt, on average (default: 32)")
    private int continuations;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "FORM",
            defaultValue = "fixed:700",
            description = "Tokens of a prompt: " + Lengths.FORMS + " (default: fixed:700)")
    private Lengths promptTokens = new Lengths.Fixed(700);

    @Option(
            names = "--continuation-tokens",
            paramLabel = "FORM",
            defaultValue = "fixed:10",
            description = "Tokens of a continuation, the same forms; one at least (default: fixed:10)")
    private Lengths continuationTokens = new Lengths.Fixed(10);

    @Option(
            names = "--levels",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Levels of the tree that prompts make: with 3, a third of a prompt is had by many others and two"
                            + " thirds by some (default: 1)")
    private int levels;

    @Option(
            names = "--skew",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the rows that have the first prompt, whatever their turn (default: 0)")
    private double skew;

    @Option(
            names = "--vocabulary",
            paramLabel = "N",
            description = "Token ids are below it: that of the model that is to take them; required")
    private int vocabulary;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Any whole number (default: 0)")
    private long seed;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "0",
            description = "Files to write, one task each (default: one a core)")
    private int partitions;

    public GeneratePromptsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(output::require, required -> required.need("--vocabulary", vocabulary > 0));
        if (continuations < 0 || partitions < 0) {
            throw new IllegalArgumentException(
                    (continuations < 0 ? "--continuations " + continuations : "--partitions " + partitions)
                            + " is negative: give 0 or more");
        }
        PromptGenerator generator =
                new PromptGenerator(prompts, promptTokens, levels, continuationTokens, skew, vocabulary, seed);
        long rows = (long) prompts * continuations;
        try (JobSession session = JobSession.open("generate")) {
            SparkSession spark = session.spark();
            OutputPlace.requireWritable(spark, output, console);
            int files = partitions > 0 ? partitions : spark.sparkContext().defaultParallelism();
            LongAccumulator done = spark.sparkContext().longAccumulator("sequences");
            MapFunction<Long, Row> row = id -> {
                done.add(1);
                return generator.row(id);
            };
            try (Progress progress = Progress.show(spark, "generate", done, rows, console)) {
                output.write(
                        spark.range(0, rows, 1, files).map(row, Encoders.row(generator.schema())),
                        List.of("context_tokens", "tokens"));
            }
            console.out()
                    .printf(Locale.ROOT, "generated %,d rows of %,d prompts in %s%n", rows, prompts, output.path());
        }
        return Failures.DONE;
    }
}
