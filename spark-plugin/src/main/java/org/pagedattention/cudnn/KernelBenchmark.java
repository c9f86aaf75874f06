package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;

/** Times the kernels behind the backend: paged against dense through the same graph builder, and against a plain copy. */
public final class KernelBenchmark implements AutoCloseable {
    private static final long COPY_BYTES = 2L << 30;
    private static final int[] PAGE_SIZES = {16, 64, 128};

    private final SharedDevice device;
    private final KernelRun run;
    private final List<KernelTiming> timings = new ArrayList<>();

    private KernelBenchmark(BackendSettings settings) {
        device = SharedDevice.acquire(settings.device(), settings.gpu());
        device.bind();
        run = new KernelRun(device);
    }

    /**
     * Runs all measurements on the device of {@code settings}; takes some seconds.
     *
     * @throws IllegalStateException when the GPU backend cannot work here
     */
    public static KernelReport run(BackendSettings settings) {
        new CudnnBackendProvider().unavailable(settings).ifPresent(problem -> {
            throw new IllegalStateException("bench kernel needs the cudnn backend: " + problem);
        });
        try (KernelBenchmark benchmark = new KernelBenchmark(settings)) {
            benchmark.measure();
            return new KernelReport(
                    benchmark.device.gpu().toString(),
                    benchmark.device.version().toString(),
                    List.copyOf(benchmark.timings));
        }
    }

    @Override
    public void close() {
        device.release();
    }

    private void measure() {
        time(sample());
        time(longSequence());
        time(ragged());
        time(layouts(KernelCase.mixed(), 64));
        time(emptySlots());
        time(shortRows());
        time(List.of(copy()));
        time(layouts(KernelCase.decode(), PAGE_SIZES));
    }

    /**
     * One line of the report.
     *
     * @param bytes what the run moves, for its bandwidth
     */
    private record Variant(
            String problem,
            String name,
            int pageSize,
            double operations,
            double bytes,
            Supplier<KernelRun.Repeatable> run) {}

    private List<Variant> sample() {
        KernelCase problem = KernelCase.sample();
        List<Variant> variants = new ArrayList<>(List.of(dense(problem), raggedQueries(problem)));
        variants.addAll(layouts(problem, 64));
        return variants;
    }

    private List<Variant> longSequence() {
        KernelCase problem = KernelCase.longSequence();
        List<Variant> variants = new ArrayList<>(List.of(dense(problem), raggedQueries(problem)));
        variants.addAll(layouts(problem, PAGE_SIZES));
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
        SdpaShape exact = exact(problem.spec(), pages, pageShape(pages), true);
        List<Variant> variants = new ArrayList<>();
        for (int slots : new int[] {9, 16, 64}) {
            variants.add(variant(problem, slots + " slots", pages, withExtents(exact, slots, exact.maxQuery())));
        }
        variants.add(variant(problem, "9 slots, 8192 rows", pages, withExtents(exact, 9, 8192)));
        return variants;
    }

    /** Short sequences with a slot each, and packed. */
    private List<Variant> shortRows() {
        KernelCase problem = KernelCase.shortRows();
        List<Variant> variants = new ArrayList<>(layouts(problem, 16, 64));
        for (PageLayout layout : PageLayout.values()) {
            PagedBatch pages = problem.pages(layout, layout == PageLayout.PACKED ? 64 : 16);
            ActiveSequences active = active(problem.spec(), pages);
            Packing packing = Packing.of(pages, problem.spec().mask(), active, Packing.When.ALWAYS);
            if (packing != null) {
                PackedSlots slots = packing.packed();
                SdpaShape shape = ShapeBuckets.of(device).packed(problem.spec(), pages, slots, false, false);
                variants.add(variant(problem, layout + ", shared slots", pages, slots, shape));
            }
        }
        return variants;
    }

    private Variant dense(KernelCase problem) {
        PagedBatch pages = problem.pages(PageLayout.PADDED, 1);
        return variant(problem, "dense", pages, exact(problem.spec(), pages, null, false));
    }

    /** What the same batch would cost with offsets, which a mixture of lengths needs. */
    private Variant raggedQueries(KernelCase problem) {
        PagedBatch pages = problem.pages(PageLayout.PADDED, 64);
        return variant(problem, "padded, ragged queries", pages, exact(problem.spec(), pages, pageShape(pages), true));
    }

    /** The graphs that the backend runs. */
    private List<Variant> layouts(KernelCase problem, int... pageSizes) {
        List<Variant> variants = new ArrayList<>();
        for (PageLayout layout : PageLayout.values()) {
            for (int pageSize : pageSizes) {
                PagedBatch pages = problem.pages(layout, pageSize);
                SdpaShape shape = ShapeBuckets.of(device)
                        .shape(problem.spec(), pages, active(problem.spec(), pages), false, false);
                variants.add(variant(problem, layout.toString(), pages, shape));
            }
        }
        return variants;
    }

    private Variant copy() {
        return new Variant("2 GiB within the device", "copy", 0, 0, 2.0 * COPY_BYTES, () -> run.copy(COPY_BYTES));
    }

    private Variant variant(KernelCase problem, String name, PagedBatch pages, SdpaShape shape) {
        return variant(problem, name, pages, active(problem.spec(), pages), shape);
    }

    private Variant variant(KernelCase problem, String name, PagedBatch pages, Slots slots, SdpaShape shape) {
        return new Variant(
                problem.name(),
                name,
                shape.pages() == null ? 0 : pages.pageSize(),
                problem.operations(),
                problem.kvBytes(),
                () -> run.attention(problem.spec(), pages, slots, shape));
    }

    private void time(List<Variant> variants) {
        List<KernelRun.Repeatable> runs = new ArrayList<>();
        try {
            variants.forEach(variant -> runs.add(variant.run.get()));
            List<Double> medians = run.medians(runs);
            for (int i = 0; i < variants.size(); i++) {
                timings.add(timing(variants.get(i), medians.get(i)));
            }
        } finally {
            runs.forEach(KernelRun.Repeatable::close);
        }
    }

    private static KernelTiming timing(Variant variant, double millis) {
        return new KernelTiming(
                variant.problem,
                variant.name,
                variant.pageSize,
                millis,
                variant.operations / millis / 1e9,
                variant.bytes / millis / 1e6);
    }

    private static ActiveSequences active(AttentionSpec spec, PagedBatch pages) {
        return ActiveSequences.of(pages, spec.mask());
    }

    private static PageShape pageShape(PagedBatch pages) {
        int stride = pages.layout().pageStride(pages.pageSize());
        return new PageShape(pages.pageSize(), stride, ContainerExtent.of(pages).zeroPage() + 1L);
    }

    private static SdpaShape exact(
            AttentionSpec spec, PagedBatch pages, @Nullable PageShape container, boolean ragged) {
        return new SdpaShape(
                spec.type(),
                pages.sequences(),
                spec.queryHeads(),
                spec.kvHeads(),
                spec.headDim(),
                spec.valueDim(),
                pages.longestQuery(),
                pages.longestKv(),
                container,
                spec.mask().band(),
                false,
                ragged,
                false,
                false,
                container != null && active(spec, pages).seesPadding(spec.mask(), pages.longestKv()),
                false);
    }

    private static SdpaShape withExtents(SdpaShape shape, int slots, int tokens) {
        return new SdpaShape(
                shape.type(),
                slots,
                shape.queryHeads(),
                shape.kvHeads(),
                shape.headDim(),
                shape.valueDim(),
                tokens,
                tokens,
                shape.pages(),
                shape.band(),
                shape.windowed(),
                shape.ragged(),
                shape.wideOffsets(),
                shape.stats(),
                shape.paddingMask(),
                shape.ranges());
    }
}
