package org.pagedattention.jobs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.inference.LikelihoodFlow;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.inference.LikelihoodWindow;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.PromptGenerator;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.model.folder.LocalModelFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what it saves to compute common prefixes once. */
@Command(
        name = "prefix",
        mixinStandardHelpOptions = true,
        description = "Times a language model on continuations behind prompts, each prompt computed once and in every"
                + " row, without Spark, in one thread that starts passes; compares the log-likelihoods first.")
final class BenchPrefixCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", description = "The model's folder on this machine; required")
    private String model = "";

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "64", description = "Prompts (default: 64)")
    private int prompts;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of a prompt (default: 2048)")
    private int promptTokens;

    @Option(
            names = "--continuations",
            paramLabel = "N",
            defaultValue = "32",
            description = "Continuations of each (default: 32)")
    private int continuations;

    @Option(
            names = "--continuation-tokens",
            paramLabel = "N",
            defaultValue = "32",
            description = "Tokens of a continuation (default: 32)")
    private int continuationTokens;

    @Option(
            names = "--pass-tokens",
            paramLabel = "N",
            defaultValue = "65536",
            description = "Tokens of a pass at most (default: 65536)")
    private long passTokens;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, cpu or cudnn (default: auto)")
    private String backend = "auto";

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads of a pass (default: one a CPU)")
    private int threads;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Runs of each (default: 3)")
    private int runs;

    BenchPrefixCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (model.isEmpty()) {
            throw new IllegalArgumentException("--model is needed: name the folder of a language model");
        }
        for (long count : new long[] {prompts, promptTokens, continuations, continuationTokens, passTokens, runs}) {
            if (count < 1) {
                throw new IllegalArgumentException("--prompts, --prompt-tokens, --continuations, --continuation-tokens,"
                        + " --pass-tokens and --runs must be 1 or more");
            }
        }
        int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        BackendSettings settings = BackendSettings.defaults().withThreads(count);
        BackendChoice choice = BackendChoice.chooseForModels(backend, settings, BackendChoice.installed());
        LocalModelFiles files = new LocalModelFiles(Path.of(model));
        LikelihoodOptions options = LikelihoodOptions.defaults();
        try (ModelBackend device = choice.provider().createForModels(settings);
                LikelihoodModel sharing = LikelihoodModel.open(files, device, options, 0);
                LikelihoodModel alone = LikelihoodModel.open(files, device, options.withSharePrefixes(false), 0)) {
            console.out().println("model: " + sharing.description() + ", on " + device.name());
            List<ScoredTokens> parts = parts(sharing);
            report(device.name(), measure(sharing, parts), measure(alone, parts));
        }
        return Failures.DONE;
    }

    private List<ScoredTokens> parts(LikelihoodModel taker) {
        if (promptTokens + continuationTokens - 1 > taker.longest()) {
            throw new IllegalArgumentException("--prompt-tokens " + promptTokens + " and --continuation-tokens "
                    + continuationTokens + " are more than the " + taker.longest() + " that the model is fed");
        }
        PromptGenerator generator = new PromptGenerator(
                prompts,
                new Lengths.Fixed(promptTokens),
                1,
                new Lengths.Fixed(continuationTokens),
                0,
                taker.vocabulary(),
                11);
        List<ScoredTokens> parts = new ArrayList<>();
        for (int prompt = 0; prompt < prompts; prompt++) {
            int[] before = generator.prompt(prompt);
            for (int i = 0; i < continuations; i++) {
                int[] behind = generator.continuation((long) prompt * continuations + i);
                int[] all = Arrays.copyOf(before, before.length + behind.length);
                System.arraycopy(behind, 0, all, before.length, behind.length);
                parts.add(new ScoredTokens(all, behind.length));
            }
        }
        return parts;
    }

    /**
     * What a way came to.
     *
     * @param seconds of the median run
     * @param tokens computed
     */
    private record Measured(double[] sums, double seconds, long tokens, int passes) {}

    private Measured measure(LikelihoodModel way, List<ScoredTokens> parts) {
        double[] sums = {};
        double[] seconds = new double[runs];
        long tokens = 0;
        int passes = 0;
        // one more, in which plans are built and code is compiled
        for (int run = -1; run < runs; run++) {
            long start = System.nanoTime();
            try (LikelihoodFlow flow = way.flow(passTokens, Integer.MAX_VALUE)) {
                LikelihoodWindow window = flow.open(parts);
                sums = flow.await(window).stream().mapToDouble(Likelihood::sum).toArray();
                tokens = window.tokens();
                passes = window.passes();
            }
            if (run >= 0) {
                seconds[run] = (System.nanoTime() - start) / 1e9;
            }
        }
        Arrays.sort(seconds);
        return new Measured(sums, seconds[runs / 2], tokens, passes);
    }

    private void report(String device, Measured shared, Measured alone) {
        double worst = 0;
        for (int i = 0; i < shared.sums().length; i++) {
            worst = Math.max(worst, Math.abs(shared.sums()[i] - alone.sums()[i]));
        }
        long given = (long) prompts * continuations * (promptTokens + continuationTokens - 1);
        console.out()
                .println(JsonLine.of("prefix")
                        .text("backend", device)
                        .number("prompts", prompts)
                        .number("prompt_tokens", promptTokens)
                        .number("continuations", continuations)
                        .number("continuation_tokens", continuationTokens)
                        .number("faster", alone.seconds() / shared.seconds(), 2)
                        .number("fewer_tokens", (double) alone.tokens() / shared.tokens(), 2)
                        .number("tokens_given", given)
                        .number("tokens_computed", shared.tokens())
                        .number("seconds_shared", shared.seconds(), 3)
                        .number("seconds_unshared", alone.seconds(), 3)
                        .number("given_per_second_shared", given / shared.seconds(), 0)
                        .number("given_per_second_unshared", given / alone.seconds(), 0)
                        .number("passes_shared", shared.passes())
                        .number("passes_unshared", alone.passes())
                        .number("largest_difference_of_a_log_likelihood", worst, 7));
        console.out()
                .printf(
                        Locale.ROOT,
                        "x%.2f as fast with prefixes computed once: %,.0f tokens given a second, %,.0f without; x%.2f"
                                + " fewer tokens%n",
                        alone.seconds() / shared.seconds(),
                        given / shared.seconds(),
                        given / alone.seconds(),
                        (double) alone.tokens() / shared.tokens());
        console.out().flush();
    }
}
