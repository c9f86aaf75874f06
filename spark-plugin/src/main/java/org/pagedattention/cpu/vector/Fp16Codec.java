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

/** fp16 by integer arithmetic, because the vectors of Java 17 know no such type; subnormals and infinities included. */
final class Fp16Codec extends RowCodec {
    private static final int INFINITY = 0x7f800000;
    private static final int SIGN = 0x80000000;

    Fp16Codec() {
        super(ElementType.FP16);
    }

    @Override
    void widen(byte[] source, int from, int fromStride, float[] target, int at, int atStride, int rows, float factor) {
        for (int row = 0; row < rows; row++) {
            IntVector half = ByteVector.fromArray(BYTES, source, from + row * fromStride)
                    .reinterpretAsShorts()
                    .convertShape(VectorOperators.S2I, INTS, 0)
                    .reinterpretAsInts();
            IntVector magnitude = half.and(0x7fff);
            // read as fp32 the shifted bits are 2^112 too small, subnormals as well
            FloatVector scaled = magnitude
                    .lanewise(VectorOperators.LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            // 1 for infinity and NaN, whose exponent must become the highest
            IntVector special = magnitude.add(0x400).lanewise(VectorOperators.LSHR, 15);
            IntVector exponent = IntVector.zero(INTS).sub(special).and(INFINITY);
            scaled.reinterpretAsInts()
                    .or(exponent)
                    .or(half.and(SIGN))
                    .reinterpretAsFloats()
                    .mul(factor)
                    .intoArray(target, at + row * atStride);
        }
    }

    @Override
    void narrow(float[] source, int from, float factor, byte[] target, int at, int count) {
        for (int i = 0; i < count; i += COUNT) {
            FloatVector values = FloatVector.fromArray(FLOATS, source, from + i).mul(factor);
            IntVector bits = values.reinterpretAsInts();
            // beyond fp16's range the first product is infinite; everything else comes back as it was, times four
            FloatVector magnitude = values.abs().mul(0x1p112f).mul(0x1p-110f);
            // adding a power of two 2^15 times the magnitude (2^-14's at least) rounds at fp16's last place, to even
            IntVector exponent = bits.and(INFINITY).max(0x38800000).add(0x07800000);
            IntVector rounded = exponent.reinterpretAsFloats().add(magnitude).reinterpretAsInts();
            IntVector half =
                    rounded.lanewise(VectorOperators.LSHR, 13).and(0x7c00).add(rounded.and(0x0fff));
            bits.lanewise(VectorOperators.LSHR, 16)
                    .and(0x8000)
                    .or(half)
                    .convertShape(VectorOperators.I2S, SHORTS, 0)
                    .reinterpretAsBytes()
                    .intoArray(target, at + i * Short.BYTES);
        }
    }
}
