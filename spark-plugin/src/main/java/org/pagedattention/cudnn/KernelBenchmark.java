package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.BackendSettings;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;

/** Times the kernels behind the backend: paged against dense through the same graph builder, and against a plain copy. */
public final class KernelBenchmark implements AutoCloseable {
    private static final long COPY_BYTES = 2L << 30;
    private static final int[] PAGE_SIZES = {16, 64, 128};

    private final SharedDevice device;
    private final KernelRun run;
    private final List<KernelTiming> timings = new ArrayList<>();

    private KernelBenchmark(int index) {
        device = SharedDevice.acquire(index);
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
        try (KernelBenchmark benchmark = new KernelBenchmark(settings.device())) {
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
        KernelCase sample = KernelCase.sample();
        dense(sample);
        timeSampleAsPublished(sample);
        paged(sample, PageLayout.PADDED, 64);
        paged(sample, PageLayout.PACKED, 64);
        againstDense(KernelCase.longSequence());
        dense(KernelCase.ragged().rectangle());
        for (PageLayout layout : PageLayout.values()) {
            paged(KernelCase.ragged(), layout, 64);
            paged(KernelCase.ragged(), layout, 128);
            paged(KernelCase.mixed(), layout, 64);
        }
        emptySlots();
        copy();
        for (PageLayout layout : PageLayout.values()) {
            for (int pageSize : PAGE_SIZES) {
                paged(KernelCase.decode(), layout, pageSize);
            }
        }
    }

    private void againstDense(KernelCase problem) {
        dense(problem);
        for (PageLayout layout : PageLayout.values()) {
            for (int pageSize : PAGE_SIZES) {
                paged(problem, layout, pageSize);
            }
        }
    }

    /** What rounding the number of slots up costs. */
    private void emptySlots() {
        KernelCase problem = KernelCase.emptySlots();
        PagedBatch pages = problem.pages(PageLayout.PACKED, 64);
        SdpaShape exact = exact(problem.spec(), pages, pageShape(pages), true);
        for (int slots : new int[] {9, 16, 64}) {
            time(problem, slots + " slots", pages, withExtents(exact, slots, exact.maxQuery()));
        }
        time(problem, "9 slots, 4096 rows", pages, withExtents(exact, 9, 4096));
        time(problem, "9 slots, 8192 rows", pages, withExtents(exact, 9, 8192));
    }

    private void dense(KernelCase problem) {
        PagedBatch pages = problem.pages(PageLayout.PADDED, 1);
        time(problem, "dense", pages, exact(problem.spec(), pages, null, false));
    }

    /** cuDNN's sample has paged keys and values, but queries in a rectangle. */
    private void timeSampleAsPublished(KernelCase problem) {
        PagedBatch pages = problem.pages(PageLayout.PADDED, 64);
        time(problem, "padded, dense queries", pages, exact(problem.spec(), pages, pageShape(pages), false));
    }

    private void paged(KernelCase problem, PageLayout layout, int pageSize) {
        PagedBatch pages = problem.pages(layout, pageSize);
        boolean ragged = pages.longestQuery() > 1;
        time(problem, layout.toString(), pages, exact(problem.spec(), pages, pageShape(pages), ragged));
    }

    private void copy() {
        double millis = run.copyMillis(COPY_BYTES);
        timings.add(new KernelTiming("2 GiB within the device", "copy", 0, millis, 0, 2 * COPY_BYTES / millis / 1e6));
    }

    private void time(KernelCase problem, String variant, PagedBatch pages, SdpaShape shape) {
        double millis = run.millis(problem.spec(), pages, shape);
        int pageSize = shape.pages() == null ? 0 : pages.pageSize();
        timings.add(new KernelTiming(
                problem.name(),
                variant,
                pageSize,
                millis,
                problem.operations() / millis / 1e9,
                problem.kvBytes() / millis / 1e6));
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
                shape.stats());
    }
}
