package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBackendContract;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What holds of any backend, with all short sequences in slots that they share. */
@Tag("gpu")
class SharedSlotsTest extends AttentionBackendContract {
    private CudnnAttention keepsPlansAlive;

    @BeforeAll
    void openOne() {
        keepsPlansAlive = Gpu.poisoned();
    }

    @AfterAll
    void closeIt() {
        if (keepsPlansAlive != null) {
            keepsPlansAlive.close();
        }
    }

    @Override
    protected AttentionBackend create() {
        return Gpu.poisoned(Packing.When.ALWAYS);
    }

    private static Stream<Arguments> manyShortRows() {
        return Stream.of(
                        Mask.none(),
                        Mask.causal(),
                        Mask.causalBottomRight(),
                        Mask.none().withWindow(6),
                        Mask.causal().withWindow(9))
                .flatMap(mask -> Stream.of(PageLayout.values())
                        .flatMap(layout -> IntStream.of(16, 64).mapToObj(page -> Arguments.of(mask, layout, page))));
    }

    /** Short rows by the thousand, a long one between them now and then: as the reference, and as with a slot each. */
    @ParameterizedTest
    @MethodSource("manyShortRows")
    void packsThousandsOfRows(Mask mask, PageLayout layout, int pageSize) {
        AttentionSpec spec = new AttentionSpec(4, 2, 32, 32, ElementType.FP16, mask, AttentionSpec.defaultScale(32));
        Random random = new Random(5);
        List<SequenceLengths> lengths = IntStream.range(0, 1200)
                .mapToObj(i -> {
                    int queries = i % 400 == 200 ? 150 + i / 4 : 8 + random.nextInt(21);
                    return new SequenceLengths(queries, i % 3 == 0 ? 8 + random.nextInt(21) : queries);
                })
                .toList();
        AttentionProblem problem = new AttentionProblem(spec, PagedBatch.plan(layout, pageSize, lengths), 3);
        AttentionProblem.Outcome apart;
        try (CudnnAttention backend = Gpu.poisoned(Packing.When.NEVER)) {
            apart = problem.run(backend);
        }
        try (CudnnAttention backend = Gpu.poisoned(Packing.When.ALWAYS)) {
            assertThat(usesSharedSlots(spec, problem.pages())).isTrue();
            AttentionProblem.Outcome packed = problem.run(backend);
            problem.assertMatches(packed);
            assertThat(problem.error(packed))
                    .as("mean error, packed and apart")
                    .isLessThanOrEqualTo(1.2 * problem.error(apart) + 1e-6);
        }
    }

    private static boolean usesSharedSlots(AttentionSpec spec, PagedBatch pages) {
        SharedDevice device = SharedDevice.acquire(BackendSettings.defaults().device(), GpuLimits.defaults());
        try {
            CudnnOptions options = new CudnnOptions(Packing.When.ALWAYS, false);
            return new SlotGraphs(device, options, spec, pages, true)
                    .forOwnMemory().stream().anyMatch(graph -> graph.shape().ranges());
        } finally {
            device.release();
        }
    }
}
