package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;
import static org.pagedattention.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.pagedattention.attention.ElementType;

final class Fp32Codec extends RowCodec {
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, FLOATS.vectorShape());

    Fp32Codec() {
        super(ElementType.FP32);
    }

    @Override
    void widen(byte[] source, int from, float[] target, int at, int count, float factor) {
        for (int i = 0; i < count; i += COUNT) {
            ByteVector.fromArray(BYTES, source, from + i * Float.BYTES)
                    .reinterpretAsFloats()
                    .mul(factor)
                    .intoArray(target, at + i);
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
