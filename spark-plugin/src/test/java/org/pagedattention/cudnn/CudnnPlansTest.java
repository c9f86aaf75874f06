package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionBatch;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ElementType;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;

@Tag("gpu")
class CudnnPlansTest {
    private static final AttentionSpec SPEC = new AttentionSpec(8, 2, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);

    @Test
    void buildsFewPlansForManyLengths() {
        try (CudnnAttention backend = Gpu.poisoned()) {
            PlanStatistics before = backend.planStatistics();
            long start = System.nanoTime();
            for (PagedBatch pages : LogNormal.batches(PageLayout.PACKED, 64, SPEC)) {
                run(backend, pages);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            PlanStatistics after = backend.planStatistics();
            double building = (after.buildNanos() - before.buildNanos()) / 1e9;
            System.out.printf(
                    "5000 log-normal sequences: %d plans, %d hits, %.2f of %.2f s building (%.0f%%)%n",
                    after.misses(), after.hits(), building, seconds, 100 * building / seconds);
            assertThat(after.misses() - before.misses()).isBetween(1L, 12L);
        }
    }

    @Test
    void findsAWarmedPlan() {
        try (CudnnAttention backend = Gpu.poisoned()) {
            PagedBatch pages = LogNormal.batches(PageLayout.PADDED, 64, SPEC).get(0);
            backend.warmUp(SPEC, pages, false);
            PlanStatistics warm = backend.planStatistics();
            run(backend, pages);
            assertThat(backend.planStatistics().misses()).isEqualTo(warm.misses());
            assertThat(backend.planStatistics().hits()).isEqualTo(warm.hits() + 1);
        }
    }

    private static void run(CudnnAttention backend, PagedBatch pages) {
        try (AttentionBatch batch = backend.open(SPEC, pages, false)) {
            zero(batch.queries());
            zero(batch.keys());
            zero(batch.values());
            batch.start();
            assertThat(batch.await().o().getLong(0)).isZero();
        }
    }

    private static void zero(ByteBuffer buffer) {
        for (int at = 0; at + 8 <= buffer.capacity(); at += 8) {
            buffer.putLong(at, 0);
        }
    }
}
