package org.pagedattention.jobs.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.cli.Timeline;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Says where the time of a job goes that begins with nothing. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = {
            "Runs score once, in a process that has done nothing before, and says when each part of it began and ended:"
                    + " from the command on, through the start of Java and Spark, to the mark of the output.",
            "Takes the options of score. Parts may lie side by side; a GPU is made ready while Spark starts."
        })
final class BenchStartCommand implements Callable<Integer> {
    /** When scripts/submit.sh began, in seconds since the epoch. */
    private static final String COMMAND_START = "PAGED_ATTENTION_COMMAND_START";

    private final Console console;
    private final ToIntFunction<String[]> jobs;

    @Unmatched
    private List<String> options = new ArrayList<>();

    /**
     * @param jobs runs the job that its arguments name, and returns its exit status
     */
    BenchStartCommand(Console console, ToIntFunction<String[]> jobs) {
        this.console = console;
        this.jobs = jobs;
    }

    @Override
    public Integer call() {
        long main = System.currentTimeMillis();
        long java = ManagementFactory.getRuntimeMXBean().getStartTime();
        // Spark makes its listeners itself, so that they see its first job too
        System.setProperty("spark.extraListeners", StageTimeline.class.getName());
        List<String> score = new ArrayList<>(options);
        score.add(0, "score");
        int status = Timeline.time("score", () -> jobs.applyAsInt(score.toArray(new String[0])));
        if (status != Failures.DONE) {
            return status;
        }
        Timeline.add("Java and spark-submit", java, main);
        long start = commandStart(java);
        if (start < java) {
            Timeline.add("scripts/submit.sh", start, java);
        }
        report(start);
        return Failures.DONE;
    }

    private void report(long start) {
        List<Timeline.Part> parts = Timeline.parts().stream()
                .sorted(Comparator.comparingLong(Timeline.Part::start))
                .toList();
        JsonLine millis = new JsonLine();
        for (Timeline.Part part : parts) {
            millis.array(part.name().strip(), part.start() - start, part.end() - start);
        }
        console.out().println(JsonLine.of("start").object("millis", millis));
        TextTable table = new TextTable().row("part", "from s", "to s", "took s");
        for (Timeline.Part part : parts) {
            table.row(
                    part.name(),
                    seconds(part.start() - start),
                    seconds(part.end() - start),
                    seconds(part.end() - part.start()));
        }
        console.out().println(table);
    }

    /** Of a process that no script of ours began, Java's own start. */
    private static long commandStart(long java) {
        String seconds = System.getenv().getOrDefault(COMMAND_START, "");
        return seconds.isEmpty() ? java : Math.round(Double.parseDouble(seconds) * 1000);
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.2f", millis / 1000.0);
    }
}
