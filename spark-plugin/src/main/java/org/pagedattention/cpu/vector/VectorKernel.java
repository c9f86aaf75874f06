package org.pagedattention.cpu.vector;

import java.util.Optional;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cpu.AttentionKernel;
import org.pagedattention.cpu.DenseKernel;

/** Register-blocked attention with the machine's widest vectors. */
public final class VectorKernel implements AttentionKernel {
    private static final int AVX2_BITS = 256;
    /** Floats of a block's queries and outputs: they are gone through once a tile, so they should stay in L2. */
    private static final int BLOCK_FLOATS = 1 << 16;
    /** Fewer rows would not make up for copying each tile of keys and values. */
    private static final int LEAST_ROWS = 128;

    /** @throws IllegalStateException when this machine would be faster without it */
    public VectorKernel() {
        problem(System.getProperty("os.arch", ""), Lanes.FLOATS.vectorBitSize()).ifPresent(problem -> {
            throw new IllegalStateException(problem);
        });
    }

    /**
     * Why the kernel should not run on a machine; empty when it should.
     *
     * @param arch as Java names it
     * @param vectorBits of the machine's widest vectors
     */
    static Optional<String> problem(String arch, int vectorBits) {
        boolean x86 = arch.equals("amd64") || arch.equals("x86_64");
        // fused multiply-add came with AVX2; without it Java computes each one in arbitrary precision
        return x86 && vectorBits < AVX2_BITS
                ? Optional.of("this processor has vectors of " + vectorBits
                        + " bits, and the vector CPU kernel needs AVX2 or AVX-512: choose the kernel auto or scalar")
                : Optional.empty();
    }

    @Override
    public String description() {
        return "vector, " + Lanes.FLOATS.vectorBitSize() + " bits (" + Lanes.COUNT + " fp32 lanes)";
    }

    @Override
    public int blockRows(AttentionSpec spec) {
        return Math.max(LEAST_ROWS, Integer.highestOneBit(BLOCK_FLOATS / (spec.headDim() + spec.valueDim())));
    }

    @Override
    public DenseKernel dense() {
        return new VectorDense();
    }

    @Override
    public Worker newWorker() {
        return new VectorWorker();
    }
}
