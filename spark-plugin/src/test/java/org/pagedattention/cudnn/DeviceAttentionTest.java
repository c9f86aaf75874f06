package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** Attention over tensors that are in device memory already. */
@Tag("gpu")
class DeviceAttentionTest {
    private static final int PAGE = 64;

    private static Stream<Arguments> problems() {
        Mask causal = Mask.causal();
        Mask bottom = Mask.parse("causal-bottom-right", 0);
        return Stream.of(
                Arguments.of("room behind the last token", spec(4, 2, 64, causal), PAGE, true, square(100, 7, 300)),
                Arguments.of("no room behind the last token", spec(4, 2, 64, causal), 0, false, square(100, 7, 300)),
                Arguments.of("heads that need padding", spec(2, 2, 20, Mask.none()), PAGE, false, square(33, 70)),
                Arguments.of("one query a sequence", spec(4, 1, 64, bottom), PAGE, false, pairs(1, 90, 1, 5, 1, 300)),
                Arguments.of("queries without keys", spec(4, 4, 64, bottom), PAGE, true, pairs(90, 30, 5, 5, 0, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("problems")
    void attends(String name, AttentionSpec spec, int room, boolean inPlace, List<SequenceLengths> lengths) {
        try (CudnnAttention backend = Gpu.poisoned();
                MemoryPool memory = MemoryPool.ofDevice(0)) {
            PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, PAGE, lengths);
            AttentionProblem problem = new AttentionProblem(spec, pages, 1);
            long slots = pages.kvTokens() + room;
            int width = spec.type().bytes();
            try (AttentionBatch host = backend.open(spec, pages, true);
                    GpuStream stream = new GpuStream();
                    MemoryBlock q = memory.acquire((long) pages.queryTokens() * spec.queryElements() * width);
                    MemoryBlock k = memory.acquire(slots * spec.keyElements() * width);
                    MemoryBlock v = memory.acquire(slots * spec.valueElements() * width);
                    MemoryBlock o = memory.acquire((long) pages.queryTokens() * spec.outputElements() * width);
                    MemoryBlock lse = memory.acquire((long) pages.queryTokens() * spec.queryHeads() * 4)) {
                problem.fill(host);
                host.start();
                AttentionOutput target = host.await();
                try (MemoryPool pinned = MemoryPool.ofPinned(0)) {
                    send(stream, pinned, host.queries(), q, (long) pages.queryTokens() * spec.queryElements() * width);
                    send(stream, pinned, host.keys(), k, pages.kvTokens() * spec.keyElements() * width);
                    send(stream, pinned, host.values(), v, pages.kvTokens() * spec.valueElements() * width);
                    zeroRoom(
                            stream,
                            k,
                            pages.kvTokens() * spec.keyElements() * width,
                            slots * spec.keyElements() * width);
                    zeroRoom(
                            stream,
                            v,
                            pages.kvTokens() * spec.valueElements() * width,
                            slots * spec.valueElements() * width);
                    stream.fill(o.address(), 0xff, o.bytes());
                    stream.fill(lse.address(), 0xff, lse.bytes());
                    stream.synchronize();
                    DeviceTensors tensors =
                            new DeviceTensors(q.address(), k.address(), v.address(), slots, o.address(), lse.address());
                    try (DeviceBatch batch = backend.attend(spec, pages, tensors)) {
                        assertThat(batch.inPlace()).isEqualTo(inPlace);
                    }
                    receive(stream, pinned, o, target.o(), (long) pages.queryTokens() * spec.outputElements() * width);
                    try (MemoryBlock back = pinned.acquire(lse.bytes())) {
                        stream.download(
                                back.address(), lse.address(), (long) pages.queryTokens() * spec.queryHeads() * 4);
                        stream.synchronize();
                        problem.assertMatches(problem.read(new AttentionOutput(
                                target.o(), false, back.buffer().asFloatBuffer())));
                    }
                }
            }
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

    private static void send(
            GpuStream stream, MemoryPool pinned, java.nio.ByteBuffer from, MemoryBlock to, long bytes) {
        try (MemoryBlock block = pinned.acquire(bytes)) {
            block.buffer().put(0, from, 0, (int) bytes);
            stream.upload(to.address(), block.address(), bytes);
            stream.synchronize();
        }
    }

    private static void receive(
            GpuStream stream, MemoryPool pinned, MemoryBlock from, java.nio.ByteBuffer to, long bytes) {
        try (MemoryBlock block = pinned.acquire(bytes)) {
            stream.download(block.address(), from.address(), bytes);
            stream.synchronize();
            to.put(0, block.buffer(), 0, (int) bytes);
        }
    }

    private static void zeroRoom(GpuStream stream, MemoryBlock block, long from, long to) {
        stream.fill(block.address() + from, 0, to - from);
    }

    private static AttentionSpec spec(int hq, int hkv, int d, Mask mask) {
        return new AttentionSpec(hq, hkv, d, d, ElementType.FP16, mask, AttentionSpec.defaultScale(d));
    }

    private static List<SequenceLengths> square(int... tokens) {
        return java.util.stream.IntStream.of(tokens)
                .mapToObj(t -> new SequenceLengths(t, t))
                .toList();
    }

    private static List<SequenceLengths> pairs(int... lengths) {
        return java.util.stream.IntStream.range(0, lengths.length / 2)
                .mapToObj(i -> new SequenceLengths(lengths[2 * i], lengths[2 * i + 1]))
                .toList();
    }
}
