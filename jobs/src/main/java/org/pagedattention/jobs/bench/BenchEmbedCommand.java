package org.pagedattention.jobs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.jobs.bench.embed.EmbedRace;
import org.pagedattention.jobs.bench.embed.Ours;
import org.pagedattention.jobs.bench.embed.Side;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.model.folder.LocalModelFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures a whole model on the CPU, on its own. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description =
                "Times a model's sentence vectors on the CPU, tokenizing included, without Spark: texts of log-normal"
                        + " length, tokens/s of all threads. Only runs during which nobody else used the machine count,"
                        + " where there are any. scripts/bench-embed.sh adds ONNX Runtime.")
final class BenchEmbedCommand implements Callable<Integer> {
    /** For one way of one length, while others use the machine. */
    private static final double SECONDS = 15;

    private final Console console;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "The model's folder on this machine, as scripts/get-model.sh writes it; required")
    private String model = "";

    @Option(
            names = "--means",
            paramLabel = "N",
            split = ",",
            defaultValue = "16,100,256",
            description = "Mean lengths of the texts, in tokens (default: 16,100,256)")
    private List<Integer> means = List.of();

    @Option(
            names = "--pass-tokens",
            paramLabel = "N",
            split = ",",
            defaultValue = "1024",
            description = "Most tokens of a pass; several are tried in turns (default: 1024)")
    private List<Integer> passTokens = List.of();

    @Option(names = "--threads", paramLabel = "N", description = "Tasks of one thread each (default: one a CPU)")
    private int threads;

    @Option(
            names = "--kernel",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, vector or scalar (default: auto)")
    private String kernel = "auto";

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "16000", description = "Of a run (default: 16000)")
    private int tokens = 16_000;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Enough quiet runs (default: 3)")
    private int runs = 3;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description = "Seconds before each length is timed (default: 8)")
    private double warmUp = 8;

    BenchEmbedCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (model.isEmpty()) {
            throw new IllegalArgumentException("--model is needed: name the folder of a model");
        }
        List<Integer> counts = new ArrayList<>(List.of(tokens, runs));
        counts.addAll(means);
        counts.addAll(passTokens);
        if (threads < 0 || warmUp < 0 || counts.stream().anyMatch(count -> count < 1)) {
            throw new IllegalArgumentException("--means, --pass-tokens, --tokens and --runs must be 1 or more,"
                    + " --threads and --warm-up not negative");
        }
        int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        BackendSettings settings = BackendSettings.defaults().withThreads(1).withKernel(kernel);
        try (CpuModels backend = new CpuModels(settings);
                Embedder embedder =
                        Embedder.open(new LocalModelFiles(Path.of(model)), backend, EmbedOptions.defaults())) {
            List<Side> sides = new ArrayList<>();
            passTokens.forEach(most -> sides.add(new Ours(embedder, count, most)));
            EmbedRace race = new EmbedRace(tokens, runs, SECONDS, warmUp, console.out());
            means.forEach(mean -> race.run(mean, embedder, sides, sides.size()));
            sides.forEach(Side::close);
        }
        return Failures.DONE;
    }
}
