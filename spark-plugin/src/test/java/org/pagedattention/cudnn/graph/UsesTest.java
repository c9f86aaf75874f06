package org.pagedattention.cudnn.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UsesTest {
    private final AtomicInteger freed = new AtomicInteger();
    private final Uses uses = new Uses(freed::incrementAndGet);

    @Test
    void freesAtOnceWhatNobodyUses() {
        uses.retire();
        assertThat(freed).hasValue(1);
    }

    @Test
    void leavesItToTheLastUser() {
        assertThat(uses.use()).isTrue();
        assertThat(uses.use()).isTrue();
        uses.retire();
        uses.release();
        assertThat(freed).hasValue(0);
        uses.release();
        assertThat(freed).hasValue(1);
    }

    @Test
    void staysWhileNobodyRetiresIt() {
        assertThat(uses.use()).isTrue();
        uses.release();
        assertThat(freed).hasValue(0);
        assertThat(uses.use()).isTrue();
    }

    @Test
    void takesNoUsersOnceItIsRetired() {
        assertThat(uses.use()).isTrue();
        uses.retire();
        assertThat(uses.use()).isFalse();
        uses.retire();
        uses.release();
        assertThat(freed).hasValue(1);
    }

    @Test
    void isNeverFreedUnderAUser() {
        for (int round = 0; round < 200; round++) {
            AtomicBoolean gone = new AtomicBoolean();
            AtomicInteger tooLate = new AtomicInteger();
            Uses shared = new Uses(() -> gone.set(true));
            IntStream.range(0, 8).parallel().forEach(user -> {
                if (user == 3) {
                    shared.retire();
                } else if (shared.use()) {
                    tooLate.addAndGet(gone.get() ? 1 : 0);
                    shared.release();
                }
            });
            assertThat(tooLate).hasValue(0);
            assertThat(gone).isTrue();
        }
    }
}
