package org.pagedattention.cudnn.models;

import org.pagedattention.cudnn.graph.TensorId;

/** The tensors that launches of a pass give memory to. */
enum PassTensor implements TensorId {
    X(1),
    WEIGHT(2),
    BIAS(3),
    /** What is added, multiplied or compared number by number. */
    SECOND(4),
    Y(5),
    GAIN(6),
    /** A number, read from host memory. */
    EPSILON(7),
    COSINE(8),
    SINE(9),
    /** The second half of every head. */
    X_HIGH(10),
    Y_HIGH(11),
    /** A number a row. */
    COLUMN(12),
    /** The number of every column. */
    INDEX(13),
    /** Numbers, read from host memory. */
    ZERO(14),
    ONE(15),
    HUGE(16),
    /** Numbers a row, of the answers to questions about logits. */
    MOST(17),
    BEFORE(18),
    SUM(19);

    private final long uid;

    PassTensor(long uid) {
        this.uid = uid;
    }

    @Override
    public long uid() {
        return uid;
    }
}
