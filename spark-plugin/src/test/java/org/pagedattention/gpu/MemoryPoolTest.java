package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {
    private final Source source = new Source();
    private final MemoryPool pool = new MemoryPool(source, 1 << 20);
    private long handles;

    /** Memory of 1 MiB in all. */
    private static final class Source implements MemorySource {
        private final List<Long> allocated = new ArrayList<>();
        private final List<Long> freed = new ArrayList<>();
        private long free = 1 << 20;

        @Override
        public Allocation allocate(long bytes) {
            if (bytes > free) {
                throw new GpuOutOfMemoryException("test memory", bytes, free);
            }
            free -= bytes;
            allocated.add(bytes);
            return new Allocation(allocated.size(), bytes, ByteBuffer.allocate((int) bytes));
        }

        @Override
        public void free(Allocation allocation) {
            free += allocation.bytes();
            freed.add(allocation.bytes());
        }
    }

    @BeforeEach
    void count() {
        handles = NativeHandles.open();
    }

    @AfterEach
    void leavesNothingOpen() {
        assertThat(NativeHandles.open()).isEqualTo(handles);
    }

    @Test
    void lendsABlockAgain() {
        MemoryBlock first = pool.acquire(10_000);
        first.close();
        try (MemoryBlock second = pool.acquire(9_500)) {
            assertThat(second.address()).isEqualTo(first.address());
        }
        assertThat(source.allocated).containsExactly(10_240L);
    }

    @Test
    void leavesFarLargerBlocksToThoseWhoNeedThem() {
        pool.acquire(100_000).close();
        pool.acquire(5_000).close();
        assertThat(source.allocated).hasSize(2);
    }

    @Test
    void neverLendsABlockTwice() {
        try (MemoryBlock one = pool.acquire(5_000);
                MemoryBlock two = pool.acquire(5_000)) {
            assertThat(one.address()).isNotEqualTo(two.address());
        }
    }

    @Test
    void takesABlockBackOnce() {
        MemoryBlock block = pool.acquire(5_000);
        block.close();
        block.close();
        assertThat(pool.usage()).isEqualTo(new MemoryPool.Usage(0, 5_120));
    }

    @Test
    void givesIdleBlocksBackBeforeItFails() {
        pool.acquire(600_000).close();
        try (MemoryBlock block = pool.acquire(1_000_000)) {
            assertThat(block.bytes()).isEqualTo(1 << 20);
        }
        assertThat(source.freed).containsExactly(655_360L);
    }

    @Test
    void failsWithWhatWasNeeded() {
        try (MemoryBlock used = pool.acquire(600_000)) {
            assertThat(used.bytes()).isEqualTo(655_360);
            assertThatThrownBy(() -> pool.acquire(1_000_000))
                    .isInstanceOf(GpuOutOfMemoryException.class)
                    .hasMessage("out of test memory: 1 MiB needed, 1 MiB free; "
                            + "lower spark.pagedAttention.batch.maxBytes, or run fewer tasks on this GPU");
        }
    }

    @Test
    void keepsNoMoreThanItMay() {
        try (MemoryPool small = new MemoryPool(source, 6_000)) {
            MemoryBlock one = small.acquire(5_000);
            MemoryBlock two = small.acquire(5_000);
            one.close();
            two.close();
            assertThat(small.usage().idleBytes()).isEqualTo(5_120);
        }
        assertThat(source.freed).hasSize(2);
    }

    @Test
    void givesIdleBlocksBackBeforeItTakesMoreThanItMay() {
        try (MemoryPool small = new MemoryPool(source, 20_000)) {
            small.acquire(5_000).close();
            small.acquire(9_000).close();
            assertThat(source.freed).isEmpty();
            try (MemoryBlock large = small.acquire(30_000)) {
                assertThat(large.bytes()).isGreaterThan(20_000);
                assertThat(source.freed).hasSize(2);
            }
            assertThat(small.usage()).isEqualTo(new MemoryPool.Usage(0, 0));
        }
    }

    @Test
    void freesWhatComesBackAfterItsEnd() {
        MemoryBlock block = pool.acquire(5_000);
        pool.close();
        assertThat(source.freed).isEmpty();
        block.close();
        assertThat(source.freed).containsExactly(5_120L);
    }

    @Test
    void showsMemoryAsLittleEndian() {
        try (MemoryBlock block = pool.acquire(100)) {
            assertThat(block.buffer().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(block.buffer().position()).isZero();
            assertThat(block.buffer().capacity()).isEqualTo(4096);
        }
    }
}
