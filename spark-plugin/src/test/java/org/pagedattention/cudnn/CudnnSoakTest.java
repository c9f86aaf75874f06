package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.NativeHandles;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

@Tag("gpu")
class CudnnSoakTest {
    private static final int BATCHES = 10_000;
    private static final int WARM = 100;
    private static final long SLACK = 64L << 20;

    @Test
    void keepsMemoryFlat() throws IOException {
        Gpu.require();
        long handles = NativeHandles.open();
        try (CudnnAttention backend =
                new CudnnAttention(BackendSettings.defaults(), new CudnnOptions(Packing.When.WHERE_IT_PAYS, false))) {
            AttentionSpec spec = new AttentionSpec(4, 2, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);
            PagedBatch pages = PagedBatch.plan(
                    PageLayout.PACKED,
                    64,
                    Stream.of(100, 37, 256, 5, 64)
                            .map(t -> new SequenceLengths(t, t))
                            .toList());
            AttentionProblem problem = new AttentionProblem(spec, pages, 1);
            problem.assertMatches(problem.run(backend));
            Deque<AttentionBatch> running = new ArrayDeque<>();
            long hostBytes = 0;
            long freeBytes = 0;
            long openHandles = 0;
            for (int i = 0; i < BATCHES; i++) {
                running.add(Gpu.start(backend, spec, pages, problem));
                if (running.size() == 3) {
                    finish(running.poll());
                }
                if (i == WARM) {
                    touchHeap();
                    hostBytes = residentBytes();
                    freeBytes = GpuDevice.freeBytes();
                    openHandles = NativeHandles.open();
                }
            }
            System.out.printf(
                    "%d batches: resident %+d KiB, device %+d KiB, handles %+d since batch %d%n",
                    BATCHES,
                    (residentBytes() - hostBytes) >> 10,
                    (freeBytes - GpuDevice.freeBytes()) >> 10,
                    NativeHandles.open() - openHandles,
                    WARM);
            assertThat(NativeHandles.open()).isEqualTo(openHandles);
            assertThat(GpuDevice.freeBytes()).isGreaterThan(freeBytes - SLACK);
            assertThat(residentBytes()).isLessThan(hostBytes + 4 * SLACK);
            running.forEach(CudnnSoakTest::finish);
            assertThat(backend.deviceMemory().usedBytes()).isZero();
        }
        assertThat(NativeHandles.open()).as("handles left open").isEqualTo(handles);
    }

    private static void finish(AttentionBatch batch) {
        batch.await();
        batch.close();
    }

    private static long residentBytes() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
    }

    /** Makes the heap as resident as it gets, so that its garbage is not taken for a leak. */
    private static void touchHeap() {
        long collections = collections();
        while (collections() < collections + 3) {
            assertThat(new byte[1 << 20]).isNotNull();
        }
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }
}
