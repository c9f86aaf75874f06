package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.backend.KeepBudget;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** Keys and values in memory of their own, of which all passes together keep no more than a budget; the first that find none left
 * keep nothing. */
final class CpuKept implements KeptTokens {
    private final int[] slots;
    private final KeepBudget budget;
    private final List<CpuTensor> keys = new ArrayList<>();
    private final List<CpuTensor> values = new ArrayList<>();
    private long bytes;
    private boolean closed;

    CpuKept(int[] slots, KeepBudget budget) {
        this.slots = slots.clone();
        this.budget = budget;
    }

    /** Copies what it keeps of an attention; gives all up where there is no room. */
    void add(CpuTensor k, CpuTensor v) {
        long more = (long) slots.length * (k.columns() + v.columns()) * Float.BYTES;
        if (closed) {
            return;
        }
        if (!budget.take(more)) {
            close();
            return;
        }
        bytes += more;
        keys.add(copy(k));
        values.add(copy(v));
    }

    private CpuTensor copy(CpuTensor x) {
        Shape shape = Shape.of(slots.length, x.columns());
        // not from the pool, whose buffers may be larger than what the budget counts
        int size = CpuInputs.bytes("kept tokens", shape.rows(), shape.columns(), ElementType.FP32);
        ByteBuffer room = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        CpuTensor copy = new CpuTensor(shape, room);
        for (int i = 0; i < slots.length; i++) {
            copy.floats().put(i * x.columns(), x.floats(), slots[i] * x.columns(), x.columns());
        }
        return copy;
    }

    /** The keys at an attention, from 0. */
    CpuTensor keys(int attention) {
        return keys.get(attention);
    }

    /** The values at an attention, from 0. */
    CpuTensor values(int attention) {
        return values.get(attention);
    }

    @Override
    public int tokens() {
        return closed ? 0 : slots.length;
    }

    @Override
    public void close() {
        closed = true;
        keys.clear();
        values.clear();
        budget.giveBack(bytes);
        bytes = 0;
    }
}
