package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.HalfLanes.BYTES;
import static org.pagedattention.cpu.vector.HalfLanes.INTS;
import static org.pagedattention.cpu.vector.HalfLanes.SHORTS;
import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.pagedattention.tensor.ElementType;

/** bf16 is the upper half of fp32. */
final class Bf16Codec extends RowCodec {
    Bf16Codec() {
        super(ElementType.BF16);
    }

    @Override
    void widen(byte[] source, int from, int fromStride, float[] target, int at, int atStride, int rows, float factor) {
        for (int row = 0; row < rows; row++) {
            ByteVector.fromArray(BYTES, source, from + row * fromStride)
                    .reinterpretAsShorts()
                    .convertShape(VectorOperators.S2I, INTS, 0)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .mul(factor)
                    .intoArray(target, at + row * atStride);
        }
    }

    @Override
    void narrow(float[] source, int from, float factor, byte[] target, int at, int count) {
        for (int i = 0; i < count; i += COUNT) {
            IntVector bits =
                    FloatVector.fromArray(FLOATS, source, from + i).mul(factor).reinterpretAsInts();
            // just under half of the last place, and the rest of the half when that place is odd: ties go to even
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            bits.add(0x7fff)
                    .add(odd)
                    .lanewise(VectorOperators.LSHR, 16)
                    .convertShape(VectorOperators.I2S, SHORTS, 0)
                    .reinterpretAsBytes()
                    .intoArray(target, at + i * Short.BYTES);
        }
    }
}
