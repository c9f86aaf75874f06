package org.pagedattention.cpu;

import org.pagedattention.attention.AttentionSpec;

/** A way to compute attention on the CPU. Immutable; the memory it computes in belongs to its workers. */
public interface AttentionKernel {

    /** One line for people: the kernel's name and the instructions it uses. */
    String description();

    /** Rows of a {@link RowBlock} when there are enough of them for all threads. */
    int blockRows(AttentionSpec spec);

    /** The loops of linear layers in the same instructions. */
    DenseKernel dense();

    /** Makes a worker with its own scratch memory. */
    Worker newWorker();

    /** Computes row blocks, one after the other, on one thread at a time. */
    interface Worker {
        /** Writes output and LSE of {@code block}; what a row's mask hides has no influence on it. */
        void attend(BatchTensors tensors, RowBlock block);
    }
}
