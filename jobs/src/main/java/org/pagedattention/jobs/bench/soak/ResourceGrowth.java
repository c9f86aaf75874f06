package org.pagedattention.jobs.bench.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.pagedattention.jobs.cli.TextTable;

/** Tells a process that has settled from one that keeps growing. */
final class ResourceGrowth {
    private static final long MIB = 1 << 20;

    /** What is watched, and by how much it may differ between times at which as much was going on. */
    private record Figure(String label, ToLongFunction<ResourceSample> value, long slack) {

        String show(long amount) {
            return slack >= MIB
                    ? String.format(Locale.ROOT, "%,d MiB", amount / MIB)
                    : String.format(Locale.ROOT, "%,d", amount);
        }

        /** The median: a moment at which much was under way says nothing of growth, and hides none. */
        long usual(List<ResourceSample> samples) {
            return samples.stream()
                    .mapToLong(value)
                    .sorted()
                    .skip(samples.size() / 2)
                    .findFirst()
                    .orElse(0);
        }
    }

    private static final List<Figure> FIGURES = List.of(
            new Figure("heap", ResourceSample::heap, 16 * MIB),
            new Figure("resident", ResourceSample::resident, 96 * MIB),
            new Figure("direct", ResourceSample::direct, 16 * MIB),
            new Figure("descriptors", ResourceSample::descriptors, 16),
            new Figure("threads", ResourceSample::threads, 16),
            new Figure("GPU", ResourceSample::device, 64 * MIB));

    private ResourceGrowth() {}

    /** One sentence for each thing that the last third of the samples has more of than the middle third. */
    static List<String> complaints(List<ResourceSample> samples) {
        int third = samples.size() / 3;
        List<ResourceSample> middle = samples.subList(third, 2 * third);
        List<ResourceSample> last = samples.subList(2 * third, samples.size());
        List<String> complaints = new ArrayList<>();
        for (Figure figure : FIGURES) {
            long before = figure.usual(middle);
            long after = figure.usual(last);
            if (after > before + figure.slack) {
                complaints.add(figure.label + " grew from " + figure.show(before) + " to " + figure.show(after));
            }
        }
        return complaints;
    }

    /** What is let pass. */
    static String slack() {
        return FIGURES.stream()
                .map(figure -> figure.show(figure.slack) + " (" + figure.label + ")")
                .collect(Collectors.joining(", "));
    }

    /** The table of all samples. */
    static String table(List<ResourceSample> samples) {
        TextTable table = new TextTable();
        List<String> header = new ArrayList<>(List.of("sample"));
        for (Figure figure : FIGURES) {
            header.add(figure.label);
        }
        table.row(header.toArray(String[]::new));
        for (int i = 0; i < samples.size(); i++) {
            List<String> cells = new ArrayList<>(List.of(Integer.toString(i + 1)));
            for (Figure figure : FIGURES) {
                cells.add(figure.show(figure.value.applyAsLong(samples.get(i))));
            }
            table.row(cells.toArray(String[]::new));
        }
        return table.toString();
    }
}
