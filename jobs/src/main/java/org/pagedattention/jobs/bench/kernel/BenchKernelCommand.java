package org.pagedattention.jobs.bench.kernel;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.cudnn.RandomLaunches;
import org.pagedattention.jobs.bench.kernel.KernelBenchmark.Timing;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.cli.TextTable;
import picocli.CommandLine.Command;

/** Measures the GPU kernels. */
@Command(
        name = "kernel",
        mixinStandardHelpOptions = true,
        description = {
            "Times the cuDNN kernels on one GPU, without Spark: paged against dense, decoding against a plain copy.",
            "The device is spark.pagedAttention.gpu.device, the library spark.pagedAttention.cudnn.libraryPath (--conf)."
        })
public final class BenchKernelCommand implements Callable<Integer> {
    private final Console console;

    public BenchKernelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        PagedAttentionConf conf = PagedAttentionConf.parse(JobSession.conf(new SparkConf(), Map.of()));
        try (RandomLaunches launches = RandomLaunches.open(conf.backendSettings(1))) {
            report(launches, KernelBenchmark.measure(launches));
        }
        return Failures.DONE;
    }

    private void report(RandomLaunches launches, List<Timing> timings) {
        Map<String, Double> dense = timings.stream()
                .filter(timing -> timing.variant().equals("dense"))
                .collect(Collectors.toMap(Timing::problem, Timing::millis, Math::min));
        TextTable table = new TextTable().row("problem", "variant", "page", "of dense", "ms", "TFLOP/s", "GB/s");
        for (Timing timing : timings) {
            double ratio = timing.millis() / dense.getOrDefault(timing.problem(), Double.NaN);
            console.out()
                    .println(JsonLine.of("kernel")
                            .number("ratioToDense", ratio, 4)
                            .text("problem", timing.problem())
                            .text("variant", timing.variant())
                            .number("pageSize", timing.pageSize())
                            .number("millis", timing.millis(), 5)
                            .number("teraflops", timing.teraflops(), 2)
                            .number("gigabytesPerSecond", timing.gigabytesPerSecond(), 1)
                            .text("device", launches.device())
                            .text("cudnn", launches.cudnn()));
            table.row(
                    timing.problem(),
                    timing.variant(),
                    timing.pageSize() == 0 ? "-" : Integer.toString(timing.pageSize()),
                    Double.isNaN(ratio) ? "-" : number("%.3f", ratio),
                    number("%.4f", timing.millis()),
                    number("%.1f", timing.teraflops()),
                    number("%.0f", timing.gigabytesPerSecond()));
        }
        console.out().println(table);
        console.out().println(launches.device() + ", cuDNN " + launches.cudnn());
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
