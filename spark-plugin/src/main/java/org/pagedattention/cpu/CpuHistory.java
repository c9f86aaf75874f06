package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** What the attentions of a pass have of an earlier one, and leave to a later one. */
final class CpuHistory {
    private final BufferPool buffers;
    private final @Nullable CpuKept past;
    private @Nullable CpuKept kept;
    private int attentions;

    CpuHistory(BufferPool buffers, @Nullable CpuKept past) {
        this.buffers = buffers;
        this.past = past;
    }

    /** What is done with the keys and values of all slots. */
    interface Attention {
        void attend(CpuTensor keys, CpuTensor values);
    }

    /** Slots of the earlier pass's tokens. */
    int slots() {
        return past == null ? 0 : past.tokens();
    }

    void keep(CpuKept asked) {
        if (kept != null || attentions > 0) {
            throw new IllegalStateException("tokens are kept from the first attention of a pass on, once");
        }
        kept = asked;
    }

    /** Does the next attention. */
    void attend(CpuTensor k, CpuTensor v, Attention attention) {
        int number = attentions++;
        if (past == null) {
            attendAndKeep(k, v, attention);
            return;
        }
        CpuTensor keys = below(past.keys(number), k);
        CpuTensor values = below(past.values(number), v);
        try {
            attendAndKeep(keys, values, attention);
        } finally {
            buffers.give(keys.bytes());
            buffers.give(values.bytes());
        }
    }

    private void attendAndKeep(CpuTensor keys, CpuTensor values, Attention attention) {
        attention.attend(keys, values);
        if (kept != null) {
            kept.add(keys, values);
        }
    }

    private CpuTensor below(CpuTensor first, CpuTensor second) {
        Shape shape = Shape.of(first.rows() + second.rows(), second.columns());
        ByteBuffer room = buffers.take(CpuInputs.bytes("K", shape.rows(), shape.columns(), ElementType.FP32));
        CpuTensor both = new CpuTensor(shape, room);
        int elements = first.rows() * first.columns();
        both.floats().put(0, first.floats(), 0, elements);
        both.floats().put(elements, second.floats(), 0, second.rows() * second.columns());
        return both;
    }
}
