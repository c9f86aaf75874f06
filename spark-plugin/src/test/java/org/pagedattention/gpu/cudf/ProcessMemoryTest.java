package org.pagedattention.gpu.cudf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pagedattention.gpu.Allocation;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.gpu.MemorySource;

class ProcessMemoryTest {
    private final Source cuda = new Source(1000);
    private final Source pool = new Source(2000);
    private boolean ready;
    private final ProcessMemory memory = new ProcessMemory(cuda, () -> ready, () -> pool);

    private static final class Source implements MemorySource {
        private final List<Long> out = new ArrayList<>();
        private long next;

        Source(long first) {
            next = first;
        }

        @Override
        public Allocation allocate(long bytes) {
            out.add(next);
            return new Allocation(next++, bytes, null);
        }

        @Override
        public void free(Allocation allocation) {
            assertThat(out.remove(allocation.address())).isTrue();
        }
    }

    @Test
    void takesFromCudaUntilThereIsAPool() {
        Allocation early = memory.allocate(1);
        ready = true;
        Allocation late = memory.allocate(1);
        assertThat(early.address()).isEqualTo(1000);
        assertThat(late.address()).isEqualTo(2000);
        memory.free(early);
        memory.free(late);
        assertThat(cuda.out).isEmpty();
        assertThat(pool.out).isEmpty();
    }

    /** cuDF's classes are on this test's class path, its library is not. */
    @Test
    void looksForAPoolWithoutLoadingCudf() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        ProcessMemory ofThisProcess = new ProcessMemory();
        assertThat(ofThisProcess.isPool()).isFalse();
        long before = threads.getTotalStartedThreadCount();
        for (int i = 0; i < 100; i++) {
            assertThat(ofThisProcess.isPool()).isFalse();
        }
        // each try to load it would start some
        assertThat(threads.getTotalStartedThreadCount() - before).isLessThan(50);
    }

    @Test
    void keepsNothingThatAPoolCouldUseElsewhere() {
        try (MemoryPool blocks = new MemoryPool(memory, 1 << 30)) {
            MemoryBlock kept = blocks.acquire(5000);
            kept.close();
            assertThat(cuda.out).hasSize(1);
            ready = true;
            blocks.acquire(5000).close();
            assertThat(cuda.out).isEmpty();
            MemoryBlock lent = blocks.acquire(5000);
            assertThat(pool.out).hasSize(1);
            lent.close();
            assertThat(pool.out).isEmpty();
        }
    }
}
