package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendMetrics;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.gpu.NativeHandles;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

@Tag("gpu")
class CudnnErrorsTest {
    private static final AttentionSpec SPEC = new AttentionSpec(4, 2, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);

    @Test
    void namesWhatOutOfMemoryNeedsAndWhichSettingHelps() {
        try (CudnnAttention backend = Gpu.poisoned();
                MemoryPool pool = MemoryPool.ofDevice(1 << 30)) {
            pool.acquire(1 << 20).close();
            assertThatExceptionOfType(GpuOutOfMemoryException.class)
                    .isThrownBy(() -> pool.acquire(1L << 42))
                    .withMessageContaining("4194304 MiB needed")
                    .withMessageContaining("spark.pagedAttention.batch.maxBytes")
                    .satisfies(e -> assertThat(e.freeBytes()).isPositive());
            // idle blocks went back, and the device still works
            assertThat(pool.usage().idleBytes()).isZero();
            AttentionProblem problem = AttentionProblem.selfAttention(SPEC, PageLayout.PACKED, 64, 1, 100);
            problem.assertMatches(problem.run(backend));
        }
    }

    @Test
    void recoversWhenMemoryComesBack() {
        Gpu.require();
        CudnnOptions options = new CudnnOptions(Packing.When.WHERE_IT_PAYS, false);
        // poison would take the memory before the batch starts
        try (CudnnAttention backend = new CudnnAttention(BackendSettings.defaults(), options)) {
            AttentionProblem problem = AttentionProblem.selfAttention(SPEC, PageLayout.PACKED, 64, 1, 100);
            MemoryBlock hog = takeAlmostAll();
            try (AttentionBatch batch = backend.open(
                    SPEC,
                    PagedBatch.plan(PageLayout.PACKED, 64, List.of(new SequenceLengths(1 << 20, 1 << 20))),
                    false)) {
                assertThatThrownBy(batch::start).isInstanceOf(GpuOutOfMemoryException.class);
            } finally {
                hog.close();
            }
            problem.assertMatches(problem.run(backend));
        }
    }

    private static MemoryBlock takeAlmostAll() {
        MemoryPool pool = MemoryPool.ofDevice(0);
        long free = GpuDevice.freeBytes();
        return pool.acquire(free - (512L << 20));
    }

    @Test
    void refusesHeadsThatAreTooLarge() {
        AttentionSpec large = new AttentionSpec(1, 1, 264, 264, ElementType.FP16, Mask.none(), 1);
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 64, List.of(new SequenceLengths(3, 3)));
        try (CudnnAttention backend = Gpu.poisoned()) {
            assertThatThrownBy(() -> backend.open(large, pages, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("264")
                    .hasMessageContaining("256")
                    .hasMessageContaining("spark.pagedAttention.backend to cpu");
        }
    }

    @Test
    void refusesFp32() {
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 64, List.of(new SequenceLengths(3, 3)));
        try (CudnnAttention backend = Gpu.poisoned()) {
            assertThat(backend.supports(ElementType.FP32)).isFalse();
            assertThatThrownBy(() -> backend.open(SPEC.withType(ElementType.FP32), pages, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("option computeType");
        }
    }

    @Test
    void countsWhatItMoves() {
        try (CudnnAttention backend = Gpu.poisoned()) {
            BackendMetrics before = backend.metrics();
            AttentionProblem.selfAttention(SPEC, PageLayout.PACKED, 64, 1, 1000).run(backend);
            BackendMetrics after = backend.metrics();
            // q and o have 4 heads, k and v 2
            assertThat(after.bytesCopied() - before.bytesCopied()).isGreaterThan(1000 * 64 * 2 * 12);
            assertThat(after.deviceNanos() - before.deviceNanos()).isBetween(1_000L, 1_000_000_000L);
        }
    }

    /** What batches of gigabytes need, on a small one. */
    private static final class WideOffsets extends PoisonedAttention {
        private WideOffsets() {
            super(BackendSettings.defaults(), new CudnnOptions(Packing.When.NEVER, false));
        }

        @Override
        LaunchPlan plan(CudnnOptions how, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
            ActiveSequences active = ActiveSequences.of(pages, spec.mask());
            SdpaShape wide = wide(ShapeBuckets.of(device).mixed(spec, pages, active, wantLse));
            return LaunchPlan.copying(
                    spec,
                    pages,
                    List.of(new SlotGraph(SdpaPlans.of(device).plan(wide, HeadDims.candidates(spec)), active)));
        }

        private static SdpaShape wide(SdpaShape shape) {
            return new SdpaShape(
                    shape.type(),
                    shape.slots(),
                    shape.queryHeads(),
                    shape.kvHeads(),
                    shape.headDim(),
                    shape.valueDim(),
                    shape.maxQuery(),
                    shape.maxKv(),
                    shape.pages(),
                    shape.band(),
                    shape.windowed(),
                    shape.ragged(),
                    true,
                    shape.stats(),
                    shape.paddingMask(),
                    shape.ranges(),
                    shape.strides());
        }
    }

    @Test
    void computesWithWideOffsets() {
        Gpu.require();
        try (CudnnAttention backend = new WideOffsets()) {
            AttentionProblem problem = AttentionProblem.selfAttention(SPEC, PageLayout.PACKED, 64, 1, 100, 33, 7);
            problem.assertMatches(problem.run(backend));
        }
    }

    @Test
    void forgetsABatchThatWasNeverAwaited() {
        try (CudnnAttention backend = Gpu.poisoned()) {
            PagedBatch pages = PagedBatch.plan(PageLayout.PADDED, 16, List.of(new SequenceLengths(500, 500)));
            AttentionProblem problem = new AttentionProblem(SPEC, pages, 1);
            problem.run(backend);
            long handles = NativeHandles.open();
            AttentionBatch started = Gpu.start(backend, SPEC, pages, problem);
            started.close();
            started.close();
            backend.open(SPEC, pages, true).close();
            assertThat(NativeHandles.open()).isEqualTo(handles);
            assertThat(backend.deviceMemory().usedBytes()).isZero();
        }
    }

    @Test
    void saysWhichDeviceDoesNotExist() {
        Gpu.require();
        assertThat(new CudnnBackendProvider()
                        .unavailable(BackendSettings.defaults().withDevice(63)))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains("GPU device 63 does not exist")
                        .contains("spark.pagedAttention.gpu.device"));
    }

    @Test
    void describesTheMachine() {
        Gpu.require();
        String facts = new CudnnBackendProvider().describe(BackendSettings.defaults());
        System.out.println(facts);
        assertThat(facts).contains("GPU 0: NVIDIA").contains("driver for CUDA").contains("cuDNN 9.");
    }
}
