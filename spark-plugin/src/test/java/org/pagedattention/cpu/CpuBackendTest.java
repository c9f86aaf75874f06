package org.pagedattention.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What the contract of all backends leaves to the CPU: threads, memory, life cycle. */
class CpuBackendTest {
    private static final AttentionSpec SPEC =
            new AttentionSpec(2, 2, 8, 8, ElementType.FP32, Mask.none(), AttentionSpec.defaultScale(8));

    @Test
    void isInstalledAsCpu() {
        BackendChoice choice = BackendChoice.choose("cpu", BackendSettings.defaults(), BackendChoice.installed());
        assertThat(choice.provider()).isInstanceOf(CpuBackendProvider.class);
        assertThat(choice.provider().describe(BackendSettings.defaults().withThreads(3)))
                .contains("threads a batch: 3");
    }

    @Test
    void refusesKernelsItDoesNotKnow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CpuAttention(BackendSettings.defaults().withKernel("gpu")))
                .withMessageContaining("auto, vector or scalar");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void usesAsManyThreadsAsItWasGiven(int threads) {
        MeetingKernel kernel = new MeetingKernel(threads);
        try (CpuAttention backend = new CpuAttention(threads, kernel)) {
            attend(backend, batch(100));
        }
        assertThat(kernel.threads).hasSize(threads).contains(Thread.currentThread());
    }

    @Test
    void takesEveryRowOfEveryHeadOnce() {
        AttentionSpec spec = new AttentionSpec(6, 2, 8, 8, ElementType.FP32, Mask.causal(), 1);
        List<SequenceLengths> lengths = List.of(
                new SequenceLengths(0, 3),
                new SequenceLengths(1, 1),
                new SequenceLengths(0, 0),
                new SequenceLengths(47, 2),
                new SequenceLengths(64, 64),
                new SequenceLengths(0, 1));
        RowBlocks blocks = new RowBlocks(spec, PagedBatch.plan(PageLayout.PACKED, 16, lengths), 32);
        Set<List<Integer>> rows = new HashSet<>();
        for (long i = 0; i < blocks.count(); i++) {
            RowBlock block = blocks.block(i);
            assertThat(block.rows()).isBetween(1, 32);
            for (int row = block.firstRow(); row < block.endRow(); row++) {
                assertThat(row).isLessThan(lengths.get(block.sequence()).queryTokens() * 3);
                assertThat(rows.add(List.of(block.sequence(), block.kvHead(), row)))
                        .isTrue();
            }
        }
        assertThat(rows).hasSize((1 + 47 + 64) * 6);
    }

    @Test
    void tellsOfFailuresOnHelperThreads() {
        Thread caller = Thread.currentThread();
        AttentionKernel broken = new MeetingKernel(2) {
            @Override
            void meet() {
                super.meet();
                if (Thread.currentThread() != caller) {
                    throw new ArithmeticException("broken");
                }
            }
        };
        try (CpuAttention backend = new CpuAttention(2, broken)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> attend(backend, batch(100)))
                    .withMessageContaining("broken");
        }
    }

    @Test
    void usesItsMemoryAgain() {
        try (CpuAttention backend = new CpuAttention(BackendSettings.defaults())) {
            Set<Integer> arrays = new HashSet<>();
            for (int tokens : new int[] {1000, 990, 1000, 980}) {
                try (AttentionBatch batch = backend.open(SPEC, batch(tokens), true)) {
                    batch.start();
                    for (ByteBuffer buffer : List.of(
                            batch.queries(),
                            batch.keys(),
                            batch.values(),
                            batch.await().o())) {
                        arrays.add(System.identityHashCode(buffer.array()));
                    }
                }
            }
            assertThat(arrays).hasSize(4);
        }
    }

    @Test
    void restsNoMoreMemoryThanWasEverInUse() {
        BufferPool pool = new BufferPool();
        for (int bytes = 1 << 14; bytes <= 1 << 20; bytes += 12345) {
            pool.give(pool.take(bytes));
        }
        assertThat(pool.bytesResting()).isLessThanOrEqualTo(5 << 18);
    }

    @Test
    void closesBatchesInAnyStateAndMoreThanOnce() {
        CpuAttention backend = new CpuAttention(BackendSettings.defaults().withThreads(2));
        AttentionBatch opened = backend.open(SPEC, batch(100), true);
        AttentionBatch started = backend.open(SPEC, batch(100), true);
        started.start();
        for (AttentionBatch batch : List.of(opened, started)) {
            batch.close();
            batch.close();
            assertThatIllegalStateException().isThrownBy(batch::start).withMessageContaining("CLOSED");
        }
        backend.close();
        backend.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> backend.open(SPEC, batch(1), true))
                .withMessageContaining("closed");
    }

    @Test
    void refusesResultsOfBatchesThatDidNotStart() {
        try (CpuAttention backend = new CpuAttention(BackendSettings.defaults());
                AttentionBatch batch = backend.open(SPEC, batch(1), true)) {
            assertThatIllegalStateException().isThrownBy(batch::await).withMessageContaining("OPEN");
        }
    }

    @Test
    void refusesBatchesBeyondTheAddressableSize() {
        AttentionSpec wide = new AttentionSpec(128, 1, 1024, 8, ElementType.FP32, Mask.none(), 1);
        try (CpuAttention backend = new CpuAttention(BackendSettings.defaults())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> backend.open(wide, batch(5000), false))
                    .withMessageContaining("2621440000 bytes");
        }
    }

    private static PagedBatch batch(int tokens) {
        return PagedBatch.plan(PageLayout.PACKED, 16, List.of(new SequenceLengths(tokens, tokens)));
    }

    private static void attend(CpuAttention backend, PagedBatch pages) {
        try (AttentionBatch batch = backend.open(SPEC, pages, false)) {
            batch.start();
            batch.await();
        }
    }

    /** Computes nothing; every thread waits at its first block until all have come. */
    private static class MeetingKernel implements AttentionKernel {
        final Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());
        private final CountDownLatch allHere;

        MeetingKernel(int threads) {
            allHere = new CountDownLatch(threads);
        }

        @Override
        public String description() {
            return "meeting";
        }

        @Override
        public int blockRows(AttentionSpec spec) {
            return 4;
        }

        @Override
        public DenseKernel dense() {
            return new ScalarDense();
        }

        @Override
        public Worker newWorker() {
            return (tensors, block) -> meet();
        }

        void meet() {
            if (threads.add(Thread.currentThread())) {
                allHere.countDown();
                try {
                    assertThat(allHere.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
