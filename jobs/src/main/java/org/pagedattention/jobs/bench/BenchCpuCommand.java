package org.pagedattention.jobs.bench;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.tensor.ElementType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the CPU backend on its own. */
@Command(
        name = "cpu",
        mixinStandardHelpOptions = true,
        description =
                "Times the CPU backend at a few shapes, without Spark: median milliseconds of a batch, and GFLOP/s"
                        + " where what the mask hides is not counted.")
final class BenchCpuCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "fp32",
            description = "fp16, bf16 or fp32 (default: fp32)")
    private ElementType type = ElementType.FP32;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of a batch (default: one a CPU)")
    private int threads;

    @Option(
            names = "--kernel",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, vector or scalar (default: auto)")
    private String kernel = "auto";

    @Option(names = "--runs", paramLabel = "N", defaultValue = "5", description = "Timed runs (default: 5)")
    private int runs = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Seconds to run each shape before it is timed (default: 2)")
    private int warmUp = 2;

    BenchCpuCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (runs < 1 || warmUp < 0 || threads < 0) {
            throw new IllegalArgumentException("--runs must be 1 or more, --warm-up and --threads not negative");
        }
        int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        BackendSettings settings = BackendSettings.defaults().withThreads(count).withKernel(kernel);
        BackendProvider provider =
                BackendChoice.choose("cpu", settings, BackendChoice.installed()).provider();
        CpuBenchmark benchmark = new CpuBenchmark(TimeUnit.SECONDS.toNanos(warmUp), runs);
        TextTable table = new TextTable().row("shape", "ms", "GFLOP/s");
        try (AttentionBackend backend = provider.create(settings)) {
            for (CpuBenchmark.Shape shape : CpuBenchmark.shapes(type)) {
                report(benchmark.measure(backend, shape), count, table);
            }
        }
        console.out().println(table);
        console.out().println(provider.describe(settings).strip());
        return Failures.DONE;
    }

    private void report(CpuBenchmark.Measurement measured, int count, TextTable table) {
        String name = measured.shape().name();
        console.out()
                .println(JsonLine.of("cpu")
                        .text("shape", name)
                        .text("dtype", type)
                        .number("threads", count)
                        .number("millis", measured.millis(), 2)
                        .number("gflops", measured.gflops(), 1)
                        .number("runs", runs));
        table.row(
                name,
                String.format(Locale.ROOT, "%.1f", measured.millis()),
                String.format(Locale.ROOT, "%.1f", measured.gflops()));
    }
}
