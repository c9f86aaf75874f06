package org.pagedattention.cpu.vector;

import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cpu.AttentionKernel;

/** Register-blocked attention with the machine's widest vectors. */
public final class VectorKernel implements AttentionKernel {
    /** Floats of a block's queries and outputs: they are gone through once a tile, so they should stay in L2. */
    private static final int BLOCK_FLOATS = 1 << 16;
    /** Fewer rows would not make up for copying each tile of keys and values. */
    private static final int LEAST_ROWS = 128;

    @Override
    public String description() {
        return "vector, " + Lanes.FLOATS.vectorBitSize() + " bits (" + Lanes.COUNT + " fp32 lanes)";
    }

    @Override
    public int blockRows(AttentionSpec spec) {
        return Math.max(LEAST_ROWS, Integer.highestOneBit(BLOCK_FLOATS / (spec.headDim() + spec.valueDim())));
    }

    @Override
    public Worker newWorker() {
        return new VectorWorker();
    }
}
