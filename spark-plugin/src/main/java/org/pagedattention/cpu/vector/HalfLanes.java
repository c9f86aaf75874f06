package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** 16-bit elements fill half a vector: as many of them as floats fill a whole one. */
final class HalfLanes {
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    private static final VectorShape HALF = VectorShape.forBitSize(FLOATS.vectorBitSize() / 2);
    static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, HALF);
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, HALF);

    private HalfLanes() {}
}
