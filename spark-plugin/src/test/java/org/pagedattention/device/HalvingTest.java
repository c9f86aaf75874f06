package org.pagedattention.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HalvingTest {
    private final List<Integer> rows = new ArrayList<>();
    private final List<Integer> alone = new ArrayList<>();

    @Test
    void doesAllAtOnceWhereThatFits() {
        Halving halving = halving(100);
        halving.run(3, 10);
        assertThat(rows).containsExactly(3, 4, 5, 6, 7, 8, 9);
        assertThat(halving.splits()).isZero();
    }

    @Test
    void halvesWhatDoesNotFitAndKeepsTheOrder() {
        Halving halving = halving(3);
        halving.run(0, 10);
        assertThat(rows).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        // 10 -> 5 + 5 -> 2 + 3 + 2 + 3
        assertThat(halving.splits()).isEqualTo(3);
        assertThat(alone).isEmpty();
    }

    @Test
    void triesASingleRowOnceMore() {
        halving(0).run(0, 3);
        assertThat(alone).containsExactly(0, 1, 2);
    }

    @Test
    void passesOtherFailuresOn() {
        Halving halving = new Halving(
                (from, to) -> {
                    throw new IllegalStateException("bad");
                },
                (from, to) -> alone.add(from));
        assertThatThrownBy(() -> halving.run(0, 4)).isInstanceOf(IllegalStateException.class);
        assertThat(alone).isEmpty();
    }

    private Halving halving(int fits) {
        return new Halving(
                (from, to) -> {
                    if (to - from > fits) {
                        throw new DeviceMemoryException("test memory");
                    }
                    for (int row = from; row < to; row++) {
                        rows.add(row);
                    }
                },
                (from, to) -> alone.add(from));
    }
}
