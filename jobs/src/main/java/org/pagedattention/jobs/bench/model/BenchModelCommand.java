package org.pagedattention.jobs.bench.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.model.TokenBatch;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the engine alone with a whole model. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = "Times passes of a whole model over ready tokens, up to a vector for each row, without Spark.")
public final class BenchModelCommand implements Callable<Integer> {
    /** What dense bf16 comes to on the data sheet of H100 SXM and H200, in TFLOP/s. */
    private static final double HOPPER_TFLOPS = 989.4;

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", description = "The model's folder on this machine; or --shape")
    private String folder = "";

    @Option(
            names = "--shape",
            paramLabel = "NAME",
            description = "Random weights of a known size: minilm, bge-base, qwen3-600m or llama3-8b-8layers")
    private String shape = "";

    @Option(
            names = "--pool",
            paramLabel = "HOW",
            description = "How tokens become a vector, for folders that do not say")
    private String pool = "";

    @Option(
            names = "--lengths",
            paramLabel = "DIST",
            defaultValue = "uniform:8:28",
            description = "Tokens of a row: " + Lengths.FORMS + " (default: uniform:8:28)")
    private String lengths = "";

    @Option(
            names = "--pass-tokens",
            paramLabel = "N",
            description = "Tokens of a pass (default: as many as the backend asks for)")
    private int passTokens;

    @Option(names = "--passes", paramLabel = "N", defaultValue = "32", description = "Passes of a round (default: 32)")
    private int passes;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            defaultValue = "4",
            description = "Threads that start passes (default: 4)")
    private int tasks;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, cpu or cudnn (default: auto)")
    private String backend = "auto";

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads of a pass (default: CPUs by tasks)")
    private int threads;

    public BenchModelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (folder.isEmpty() == shape.isEmpty()) {
            throw new IllegalArgumentException("give one of --model and --shape");
        }
        if (passes < 1 || tasks < 1 || threads < 0 || passTokens < 0) {
            throw new IllegalArgumentException(
                    "--passes and --tasks must be 1 or more, --threads and --pass-tokens not" + " negative");
        }
        int count = threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors() / tasks);
        BackendSettings settings = BackendSettings.defaults().withThreads(count);
        BackendChoice choice = BackendChoice.chooseForModels(backend, settings, BackendChoice.installed());
        try (ModelBackend device = choice.provider().createForModels(settings)) {
            CountingBackend counting = new CountingBackend(device);
            try (EmbeddingModel model = load(counting)) {
                console.out().println("model: " + model.description() + ", on " + device.name());
                report(choice, settings, counting, model);
            }
        }
        return Failures.DONE;
    }

    private EmbeddingModel load(ModelBackend device) {
        ModelFiles files =
                shape.isEmpty() ? new LocalModelFiles(Path.of(folder)) : new RandomModelFiles(NamedShape.of(shape));
        Optional<SequencePooling> pooling = pool.isEmpty()
                ? Optional.of(SequencePooling.MEAN).filter(mean -> !shape.isEmpty())
                : Optional.of(EmbeddingModel.pooling(pool));
        return EmbeddingModel.load(files, device, pooling, Optional.empty());
    }

    private void report(BackendChoice choice, BackendSettings settings, CountingBackend device, EmbeddingModel model) {
        TokenBatch batch = batch(
                passTokens > 0 ? passTokens : device.passTokens(), model.rules().longest());
        double seconds = seconds(new PassRace(device, model, batch, tasks));
        double tokens = (double) batch.tokens() * passes / seconds;
        double tflops = 2.0 * device.linearNumbers() * tokens / 1e12;
        String gpu = device.name().equals("cpu") ? "" : choice.provider().describe(settings);
        double share = gpu.contains("H100") || gpu.contains("H200") ? tflops / HOPPER_TFLOPS : Double.NaN;
        console.out()
                .println(JsonLine.of("model")
                        .text("backend", device.name())
                        .text("model", shape.isEmpty() ? folder : shape)
                        .text("lengths", lengths)
                        .number("rows", batch.pages().sequences())
                        .number("pass_tokens", batch.tokens())
                        .number("tasks", tasks)
                        .number("tokens_per_second", tokens, 0)
                        .number("millis_a_pass", 1e3 * seconds / passes, 3)
                        .number("linear_tflops", tflops, 3)
                        .number("share_of_data_sheet", share, 3)
                        .number("weight_bytes", device.heldBytes()));
        console.out()
                .printf(
                        Locale.ROOT,
                        "%,.0f tokens a second, %.2f ms a pass of %,d tokens in %,d rows; %.2f TFLOP/s in linear layers%s%n",
                        tokens,
                        1e3 * seconds / passes,
                        batch.tokens(),
                        batch.pages().sequences(),
                        tflops,
                        Double.isNaN(share)
                                ? ""
                                : String.format(Locale.ROOT, ", %.1f%% of the data sheet", 100 * share));
        console.out().println("one pass by itself, by kind of operation:");
        console.out().print(OperationTimes.of(device, model, batch).lines());
        console.out().flush();
    }

    private double seconds(PassRace race) {
        try {
            return race.seconds(passes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JobFailedException("the benchmark was interrupted", e);
        }
    }

    /** Rows of ids that every vocabulary has, as many as fit. */
    private TokenBatch batch(int most, int longest) {
        Lengths drawn = Lengths.parse(lengths);
        Random random = new Random(11);
        List<TokenIds> rows = new ArrayList<>();
        int tokens = 0;
        while (tokens < most) {
            int length = Math.min(Math.max(1, drawn.draw(random)), Math.min(longest, most - tokens));
            rows.add(TokenIds.of(random.ints(length, 3, 50).toArray()));
            tokens += length;
        }
        return TokenBatch.of(rows);
    }
}
