package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.pagedattention.tensor.ElementType;

final class Fp32Codec extends RowCodec {
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, FLOATS.vectorShape());

    Fp32Codec() {
        super(ElementType.FP32);
    }

    @Override
    void widen(byte[] source, int from, int fromStride, float[] target, int at, int atStride, int rows, float factor) {
        for (int row = 0; row < rows; row++) {
            ByteVector.fromArray(BYTES, source, from + row * fromStride)
                    .reinterpretAsFloats()
                    .mul(factor)
                    .intoArray(target, at + row * atStride);
        }
    }

    @Override
    void narrow(float[] source, int from, float factor, byte[] target, int at, int count) {
        for (int i = 0; i < count; i += COUNT) {
            FloatVector.fromArray(FLOATS, source, from + i)
                    .mul(factor)
                    .reinterpretAsBytes()
                    .intoArray(target, at + i * Float.BYTES);
        }
    }
}
