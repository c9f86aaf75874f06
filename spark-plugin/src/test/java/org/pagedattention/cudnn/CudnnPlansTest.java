package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.graph.PlanStatistics;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.gpu.NativeHandles;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

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

    @Test
    void letsGoOfThePlanThatWasUsedLeast() {
        try (CudnnAttention backend = Gpu.poisoned()) {
            SharedDevice device = SharedDevice.acquire(backend.deviceIndex(), GpuLimits.defaults());
            device.bind();
            long none = NativeHandles.open();
            try (PlanCache plans = new PlanCache(device.gpu(), device.pinned(), device.memory(), 2, null)) {
                PlanCache.Planned<SdpaShape> first = see(plans, device, 100);
                see(plans, device, 1000);
                ExecutionPlan used = plans.acquire(first);
                see(plans, device, 5000);
                see(plans, device, 100);
                assertThat(plans.statistics().misses())
                        .as("the second one went")
                        .isEqualTo(3);
                see(plans, device, 1000);
                see(plans, device, 5000);
                assertThat(plans.statistics().misses()).as("it is built again").isEqualTo(5);
                assertThat(used.use()).as("the first one went").isFalse();
                long before = NativeHandles.open();
                used.release();
                assertThat(NativeHandles.open()).as("its last user frees it").isLessThan(before);
                plans.acquire(first).release();
                assertThat(plans.statistics().misses()).isEqualTo(6);
            } finally {
                device.release();
            }
            assertThat(NativeHandles.open()).isEqualTo(none);
        }
    }

    private static PlanCache.Planned<SdpaShape> see(PlanCache plans, SharedDevice device, int tokens) {
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 64, List.of(new SequenceLengths(tokens, tokens)));
        ActiveSequences active = ActiveSequences.of(pages, SPEC.mask(), false);
        SdpaShape shape = ShapeBuckets.of(device).mixed(SPEC, pages, active, false);
        return new SdpaPlans(plans, new SdpaSupport(device.version())).plan(shape, HeadDims.candidates(SPEC));
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
