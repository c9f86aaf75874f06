package org.pagedattention.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The machine's vectors. Constants, because the compiler turns vector code into instructions only for those. */
final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    /** Floats of a vector. */
    static final int COUNT = FLOATS.length();
    /**
     * Floats of two vectors. Register blocks are six by two vectors: twelve accumulators hide the latency of FMA and fit
     * the sixteen registers of AVX2 along with their operands.
     */
    static final int PAIR = 2 * COUNT;

    private Lanes() {}

    /** The next even number, at least 4: every such number is a sum of sixes and fours, the heights of blocks. */
    static int blockable(int count) {
        return Math.max(4, count + (count & 1));
    }

    static int roundUp(int count, int multiple) {
        return (count + multiple - 1) / multiple * multiple;
    }
}
