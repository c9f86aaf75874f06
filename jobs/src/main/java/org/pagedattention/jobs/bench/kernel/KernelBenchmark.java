package org.pagedattention.jobs.bench.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.RandomLaunches;
import org.pagedattention.cudnn.RandomLaunches.Repeatable;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;

/** Times the kernels behind the backend: paged against dense through the same graph builder, and against a plain copy. */
final class KernelBenchmark {
    private static final long COPY_BYTES = 2L << 30;
    private static final int[] PAGE_SIZES = {16, 64, 128};
    private static final int SAMPLES = 15;

    /** A sample has as many launches as fit this time, so that starting one hides behind another. */
    private static final double SAMPLE_MILLIS = 3;

    private static final int MOST_LAUNCHES = 50;

    private final RandomLaunches launches;
    private final List<Timing> timings = new ArrayList<>();

    /**
     * How long one kind of launch takes on the device, copies apart.
     *
     * @param problem what is computed
     * @param variant how keys and values lie: dense, padded or packed, or copy for the yardstick of bandwidth
     * @param pageSize tokens of a page; 0 without pages
     * @param millis median time of a launch
     * @param teraflops arithmetic on visible keys, in 10^12 operations a second; 0 for a copy
     * @param gigabytesPerSecond live keys and values read, or bytes read and written by a copy, in 10^9 a second
     */
    record Timing(
            String problem, String variant, int pageSize, double millis, double teraflops, double gigabytesPerSecond) {}

    /**
     * One line of the report.
     *
     * @param bytes what the run moves, for its bandwidth
     */
    private record Variant(
            String problem, String name, int pageSize, double operations, double bytes, Supplier<Repeatable> run) {
        private Timing timing(double millis) {
            return new Timing(problem, name, pageSize, millis, operations / millis / 1e9, bytes / millis / 1e6);
        }
    }

    private KernelBenchmark(RandomLaunches launches) {
        this.launches = launches;
    }

    /** Runs all measurements, which takes some seconds; in the order measured. */
    static List<Timing> measure(RandomLaunches launches) {
        KernelBenchmark benchmark = new KernelBenchmark(launches);
        benchmark.time(benchmark.besideDense(KernelCase.sample(), 64));
        benchmark.time(benchmark.besideDense(KernelCase.longSequence(), PAGE_SIZES));
        benchmark.time(benchmark.ragged());
        benchmark.time(benchmark.layouts(KernelCase.mixed(), 64));
        benchmark.time(benchmark.emptySlots());
        benchmark.time(benchmark.shortRows());
        benchmark.time(List.of(benchmark.copy()));
        benchmark.time(benchmark.layouts(KernelCase.decode(), PAGE_SIZES));
        return benchmark.timings;
    }

    /** Dense, the same with offsets, which a mixture of lengths would need, and paged. */
    private List<Variant> besideDense(KernelCase problem, int... pageSizes) {
        PagedBatch pages = problem.pages(PageLayout.PADDED, 64);
        List<Variant> variants = new ArrayList<>(List.of(
                dense(problem),
                variant(problem, "padded, ragged queries", 64, () -> launches.endToEnd(problem.spec(), pages))));
        variants.addAll(layouts(problem, pageSizes));
        return variants;
    }

    private List<Variant> ragged() {
        KernelCase problem = KernelCase.ragged();
        List<Variant> variants = new ArrayList<>(List.of(dense(problem.rectangle())));
        variants.addAll(layouts(problem, 64, 128));
        return variants;
    }

    /** What rounding the number of slots and the longest length up costs. */
    private List<Variant> emptySlots() {
        KernelCase problem = KernelCase.emptySlots();
        PagedBatch pages = problem.pages(PageLayout.PACKED, 64);
        AttentionSpec spec = problem.spec();
        List<Variant> variants = new ArrayList<>();
        for (int slots : new int[] {9, 16, 64}) {
            variants.add(variant(
                    problem, slots + " slots", 64, () -> launches.endToEnd(spec, pages, slots, pages.longestQuery())));
        }
        variants.add(variant(problem, "9 slots, 8192 rows", 64, () -> launches.endToEnd(spec, pages, 9, 8192)));
        return variants;
    }

    /** Short sequences with a slot each, and packed. */
    private List<Variant> shortRows() {
        KernelCase problem = KernelCase.shortRows();
        List<Variant> variants = new ArrayList<>(layouts(problem, 16, 64));
        for (PageLayout layout : PageLayout.values()) {
            PagedBatch pages = problem.pages(layout, layout == PageLayout.PACKED ? 64 : 16);
            Optional<Repeatable> packed = launches.sharingSlots(problem.spec(), pages);
            packed.ifPresent(
                    run -> variants.add(variant(problem, layout + ", shared slots", pages.pageSize(), () -> run)));
        }
        return variants;
    }

    private Variant dense(KernelCase problem) {
        PagedBatch pages = problem.pages(PageLayout.PADDED, 1);
        return variant(problem, "dense", 0, () -> launches.dense(problem.spec(), pages));
    }

    /** The graphs that the backend runs. */
    private List<Variant> layouts(KernelCase problem, int... pageSizes) {
        List<Variant> variants = new ArrayList<>();
        for (PageLayout layout : PageLayout.values()) {
            for (int pageSize : pageSizes) {
                PagedBatch pages = problem.pages(layout, pageSize);
                variants.add(
                        variant(problem, layout.toString(), pageSize, () -> launches.chosen(problem.spec(), pages)));
            }
        }
        return variants;
    }

    private Variant copy() {
        return new Variant("2 GiB within the device", "copy", 0, 0, 2.0 * COPY_BYTES, () -> launches.copy(COPY_BYTES));
    }

    private static Variant variant(KernelCase problem, String name, int pageSize, Supplier<Repeatable> run) {
        return new Variant(problem.name(), name, pageSize, problem.operations(), problem.kvBytes(), run);
    }

    private void time(List<Variant> variants) {
        List<Repeatable> runs = new ArrayList<>();
        try {
            variants.forEach(variant -> runs.add(variant.run.get()));
            List<Double> medians = medians(runs);
            for (int i = 0; i < variants.size(); i++) {
                timings.add(variants.get(i).timing(medians.get(i)));
            }
        } finally {
            runs.forEach(Repeatable::close);
        }
    }

    /**
     * Median milliseconds of each of {@code runs}. Samples of all runs alternate, so that clock and temperature of the
     * GPU are the same for all.
     */
    private List<Double> medians(List<Repeatable> runs) {
        List<Integer> counts = runs.stream().map(this::launchesPerSample).toList();
        List<List<Double>> samples = new ArrayList<>();
        runs.forEach(run -> samples.add(new ArrayList<>()));
        for (int s = 0; s < SAMPLES; s++) {
            for (int i = 0; i < runs.size(); i++) {
                samples.get(i).add(launches.millis(runs.get(i), counts.get(i)));
            }
        }
        return samples.stream()
                .map(times -> times.stream().sorted().toList().get(SAMPLES / 2))
                .toList();
    }

    /** Warms up, too. */
    private int launchesPerSample(Repeatable run) {
        launches.millis(run, 2);
        double millis = Math.max(1e-3, launches.millis(run, 2));
        return (int) Math.max(1, Math.min(MOST_LAUNCHES, SAMPLE_MILLIS / millis));
    }
}
