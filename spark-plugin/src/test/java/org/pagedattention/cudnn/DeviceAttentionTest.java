package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBackendContract;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** Attention over tensors that are in device memory already. */
@Tag("gpu")
class DeviceAttentionTest extends AttentionBackendContract {
    private static final int PAGE = 64;

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

    /** What attends on the device. */
    CudnnAttention attention() {
        return Gpu.poisoned();
    }

    @Override
    protected AttentionBackend create() {
        return new OnDevice(attention());
    }

    /** Which row spoiled a result is for those to find out who put it there, but the result must tell. */
    @Override
    @ParameterizedTest
    @EnumSource(PageLayout.class)
    protected void keepsNonFiniteSequencesApart(PageLayout layout) {
        AttentionSpec spec = spec(2, 1, 32, Mask.causal());
        AttentionProblem problem = AttentionProblem.selfAttention(spec, layout, 16, 11, 20, 33, 20);
        Arrays.fill(problem.v[1], Float.NaN);
        try (AttentionBackend backend = create()) {
            assertThat(problem.run(backend).o()[1]).containsOnly(Float.NaN);
        }
    }

    private static Stream<Arguments> problems() {
        Mask causal = Mask.causal();
        Mask bottom = Mask.causalBottomRight();
        return Stream.of(
                Arguments.of("room behind the last token", spec(4, 2, 64, causal), PAGE, true, square(100, 7, 300)),
                Arguments.of("no room behind the last token", spec(4, 2, 64, causal), 0, false, square(100, 7, 300)),
                Arguments.of("heads that need padding", spec(2, 2, 20, Mask.none()), PAGE, false, square(33, 70)),
                Arguments.of("one query a sequence", spec(4, 1, 64, bottom), PAGE, false, pairs(1, 90, 1, 5, 1, 300)),
                Arguments.of("queries without keys", spec(4, 4, 64, bottom), PAGE, true, pairs(90, 30, 5, 5, 0, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("problems")
    void worksInPlaceWhereItCan(
            String name, AttentionSpec spec, int room, boolean inPlace, List<SequenceLengths> lengths) {
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, PAGE, lengths);
        AttentionProblem problem = new AttentionProblem(spec, pages, 1);
        try (OnDevice backend = new OnDevice(attention());
                BatchInputs inputs = backend.inputs(spec, pages.queryTokens(), pages.containerTokens());
                OnDevice.Moved batch = backend.open(spec, pages, true, inputs, pages.kvTokens() + room)) {
            problem.fill(batch);
            batch.start();
            assertThat(batch.inPlace()).isEqualTo(inPlace);
            problem.assertMatches(problem.read(batch.await()));
        }
    }

    @Test
    void isDoneWhenItIsClosed() {
        AttentionSpec spec = new AttentionSpec(16, 16, 128, 128, ElementType.FP16, Mask.none(), 1);
        List<SequenceLengths> lengths = square(8192, 8192, 8192, 8192);
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, PAGE, lengths);
        long bytes = (long) (pages.queryTokens() + PAGE)
                * spec.queryElements()
                * spec.type().bytes();
        try (CudnnAttention backend = Gpu.poisoned();
                MemoryPool memory = MemoryPool.ofDevice(0);
                MemoryPool pinned = MemoryPool.ofPinned(0);
                GpuStream stream = new GpuStream();
                MemoryBlock zeros = memory.acquire(bytes);
                MemoryBlock o = memory.acquire(bytes);
                MemoryBlock back = pinned.acquire(bytes)) {
            stream.fill(zeros.address(), 0, bytes);
            stream.fill(o.address(), 0xff, bytes);
            stream.synchronize();
            long at = zeros.address();
            DeviceTensors tensors = new DeviceTensors(at, at, at, pages.containerTokens(), o.address(), 0);
            backend.attend(spec, pages, tensors).close();
            stream.download(back.address(), o.address(), bytes);
            stream.synchronize();
            int written =
                    pages.queryTokens() * spec.outputElements() * spec.type().bytes();
            assertThat(spec.type()
                            .allFinite(back.buffer(), 0, written / spec.type().bytes()))
                    .isTrue();
        }
    }

    private static AttentionSpec spec(int hq, int hkv, int d, Mask mask) {
        return new AttentionSpec(hq, hkv, d, d, ElementType.FP16, mask, AttentionSpec.defaultScale(d));
    }

    private static List<SequenceLengths> square(int... tokens) {
        return IntStream.of(tokens).mapToObj(t -> new SequenceLengths(t, t)).toList();
    }

    private static List<SequenceLengths> pairs(int... lengths) {
        return IntStream.range(0, lengths.length / 2)
                .mapToObj(i -> new SequenceLengths(lengths[2 * i], lengths[2 * i + 1]))
                .toList();
    }
}
