package org.pagedattention.cpu.vector;

import org.pagedattention.cpu.AttentionKernel;

/** Register-blocked attention with the machine's widest vectors. */
public final class VectorKernel implements AttentionKernel {
    /** A multiple of {@link Lanes#PAIR} on every machine; makes up for copying each tile of keys and values. */
    private static final int BLOCK_ROWS = 128;

    @Override
    public String description() {
        return "vector, " + Lanes.FLOATS.vectorBitSize() + " bits (" + Lanes.COUNT + " fp32 lanes)";
    }

    @Override
    public int blockRows() {
        return BLOCK_ROWS;
    }

    @Override
    public Worker newWorker() {
        return new VectorWorker();
    }
}
