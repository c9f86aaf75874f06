package org.pagedattention.jobs.bench;

import java.util.function.ToIntFunction;
import org.pagedattention.jobs.bench.kernel.BenchKernelCommand;
import org.pagedattention.jobs.bench.model.BenchModelCommand;
import org.pagedattention.jobs.bench.sharing.BenchSharingCommand;
import org.pagedattention.jobs.bench.soak.BenchSoakCommand;
import org.pagedattention.jobs.cli.Console;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "WHAT",
        description = "Measures. Every benchmark prints one JSON line a comparison, then a table; ratios come first.")
public final class BenchCommand {
    private BenchCommand() {}

    /**
     * The command with its benchmarks.
     *
     * @param jobs runs any job
     */
    public static CommandLine with(Console console, ToIntFunction<String[]> jobs) {
        return new CommandLine(new BenchCommand())
                .addSubcommand(new BenchCpuCommand(console))
                .addSubcommand(new BenchKernelCommand(console))
                .addSubcommand(new BenchJobCommand(console))
                .addSubcommand(new BenchSoakCommand(console))
                .addSubcommand(new BenchDirectCommand(console))
                .addSubcommand(new BenchEmbedCommand(console))
                .addSubcommand(new BenchModelCommand(console))
                .addSubcommand(new BenchPrefixCommand(console))
                .addSubcommand(new BenchSharingCommand(console))
                .addSubcommand(new BenchStartCommand(console, jobs));
    }
}
