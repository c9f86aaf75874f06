package org.pagedattention.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.pagedattention.backend.KeepBudget;
import org.pagedattention.tensor.Shape;

class CpuKeptTest {
    private static CpuTensor tensor(int rows, int columns) {
        ByteBuffer bytes = ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        CpuTensor tensor = new CpuTensor(Shape.of(rows, columns), bytes);
        for (int i = 0; i < rows * columns; i++) {
            tensor.floats().put(i, i);
        }
        return tensor;
    }

    @Test
    void keepsRowsInTheOrderAskedFor() {
        KeepBudget budget = new KeepBudget(() -> 1000);
        try (CpuKept kept = new CpuKept(new int[] {3, 0}, budget)) {
            kept.add(tensor(4, 2), tensor(4, 3));
            assertThat(kept.tokens()).isEqualTo(2);
            assertThat(kept.keys(0).floats().get(0)).isEqualTo(6);
            assertThat(kept.values(0).floats().get(3)).isEqualTo(0);
            assertThat(budget.taken()).isEqualTo(2 * 5 * 4);
        }
        assertThat(budget.taken()).isZero();
    }

    @Test
    void keepsNothingWhereThereIsNoRoomForAll() {
        KeepBudget budget = new KeepBudget(() -> 2 * 5 * 4 + 10);
        CpuKept kept = new CpuKept(new int[] {3, 0}, budget);
        kept.add(tensor(4, 2), tensor(4, 3));
        kept.add(tensor(4, 2), tensor(4, 3));
        assertThat(kept.tokens()).isZero();
        assertThat(budget.taken()).isZero();
        kept.add(tensor(4, 2), tensor(4, 3));
        kept.close();
        assertThat(budget.taken()).isZero();
    }
}
