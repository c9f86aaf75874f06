package org.pagedattention.jobs.doctor;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.cli.Versions;
import org.pagedattention.jobs.options.BackendOptions;
import org.pagedattention.jobs.run.Work;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what is here. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Says what this machine has, which backend would run and why, and what to do about what is missing.",
            "Exit status 0 when the chosen backend works, otherwise 1."
        })
public final class DoctorCommand implements Callable<Integer> {
    private static final String CUDF_CLASS = "ai.rapids.cudf.Cuda";

    private final Console console;

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    public DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        SparkConf spark = new SparkConf();
        Map<String, String> all = JobSession.conf(spark, backend.settings());
        PagedAttentionConf conf = PagedAttentionConf.parse(all);
        BackendSettings settings = conf.backendSettings(spark.getInt("spark.task.cpus", 1));
        PrintWriter out = console.out();
        out.println(machine(spark));
        for (BackendProvider provider : ranked()) {
            out.println();
            out.println(examine(provider, settings));
        }
        out.println();
        return choose(conf, settings);
    }

    private int choose(PagedAttentionConf conf, BackendSettings settings) {
        try {
            console.out().println("would run: " + Work.ATTENTION.why(conf, settings));
            return Failures.DONE;
        } catch (IllegalStateException e) {
            console.out().println("would fail: " + e.getMessage());
            return Failures.FAILED;
        }
    }

    private static List<BackendProvider> ranked() {
        return BackendChoice.installed().stream()
                .sorted(Comparator.comparingInt(BackendProvider::preference).reversed())
                .toList();
    }

    private static String examine(BackendProvider provider, BackendSettings settings) {
        Optional<String> reason = provider.unavailable(settings);
        String verdict = reason.map(why -> "does not work here: " + why).orElse("works");
        String facts = provider.describe(settings).strip();
        String head = "backend " + provider.name() + ": " + verdict;
        return facts.isEmpty() ? head : head + "\n" + facts.indent(2).stripTrailing();
    }

    private static TextTable machine(SparkConf spark) {
        Runtime runtime = Runtime.getRuntime();
        return new TextTable()
                .fact("Paged Attention", Versions.product())
                .fact("Spark", Versions.spark() + ", master " + spark.get("spark.master", "local[*]"))
                .fact("Java", System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vm.name"))
                .fact(
                        "system",
                        System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                                + runtime.availableProcessors() + " CPUs")
                .fact("heap", String.format(Locale.ROOT, "%.1f GiB", runtime.maxMemory() / (double) (1L << 30)))
                .fact("cuDF", cudf());
    }

    private static String cudf() {
        try {
            Class<?> found =
                    Class.forName(CUDF_CLASS, false, Thread.currentThread().getContextClassLoader());
            String version = found.getPackage().getImplementationVersion();
            return version == null ? "on the class path" : version;
        } catch (ClassNotFoundException | LinkageError e) {
            return "not on the class path (needed on GPUs only: add ai.rapids:cudf with --jars)";
        }
    }
}
