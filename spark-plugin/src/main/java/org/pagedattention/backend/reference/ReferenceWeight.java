package org.pagedattention.backend.reference;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.pagedattention.backend.Weight;
import org.pagedattention.tensor.Shape;

/**
 * A weight as the checkpoint has it.
 *
 * @param values row after row
 */
record ReferenceWeight(Shape shape, float[] values, AtomicLong held, AtomicBoolean open) implements Weight {

    ReferenceWeight(Shape shape, float[] values, AtomicLong held) {
        this(shape, values, held, new AtomicBoolean(true));
        held.addAndGet(values.length * (long) Float.BYTES);
    }

    @Override
    public void close() {
        if (open.getAndSet(false)) {
            held.addAndGet(-values.length * (long) Float.BYTES);
        }
    }
}
