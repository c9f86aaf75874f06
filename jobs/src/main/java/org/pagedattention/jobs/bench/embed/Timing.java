package org.pagedattention.jobs.bench.embed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How long a side took, of the runs during which nobody else used the machine; of the fastest run where there was none.
 *
 * @param seconds the median of quiet runs
 * @param quiet how many there were
 * @param others processors that others kept busy
 */
record Timing(double seconds, int quiet, int runs, double others) {
    private static final double QUIET = 0.12;

    private record Run(double seconds, double others) {}

    /**
     * Runs {@code work} until there are enough quiet runs, or the time is over.
     *
     * @param enough quiet runs
     */
    static Timing of(Runnable work, int enough, double mostSeconds) {
        List<Run> all = new ArrayList<>();
        List<Run> quiet = new ArrayList<>();
        Machine first = Machine.now();
        do {
            Machine start = Machine.now();
            work.run();
            Machine end = Machine.now();
            Run run = new Run(start.seconds(end), start.others(end));
            all.add(run);
            if (run.others < QUIET) {
                quiet.add(run);
            }
        } while (quiet.size() < enough && first.seconds(Machine.now()) < mostSeconds);
        List<Run> sorted = new ArrayList<>(quiet.isEmpty() ? all : quiet);
        sorted.sort(Comparator.comparingDouble(Run::seconds));
        Run chosen = sorted.get(quiet.isEmpty() ? 0 : sorted.size() / 2);
        return new Timing(chosen.seconds, quiet.size(), all.size(), chosen.others);
    }

    @Override
    public String toString() {
        return quiet > 0 ? quiet + " quiet of " + runs : String.format(Locale.ROOT, "busy, others %.2f CPUs", others);
    }
}
