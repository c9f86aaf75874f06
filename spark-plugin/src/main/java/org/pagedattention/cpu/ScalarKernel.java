package org.pagedattention.cpu;

import org.pagedattention.attention.AttentionSpec;

/** Plain Java, for machines without the vector module, and for rows that the vector kernel gives up on. */
public final class ScalarKernel implements AttentionKernel {
    /** Enough rows to make up for widening each tile of keys and values once a block. */
    private static final int BLOCK_ROWS = 64;

    @Override
    public String description() {
        return "scalar";
    }

    @Override
    public int blockRows(AttentionSpec spec) {
        return BLOCK_ROWS;
    }

    @Override
    public DenseKernel dense() {
        return new ScalarDense();
    }

    @Override
    public Worker newWorker() {
        return new ScalarWorker();
    }
}
