package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.pagedattention.backend.Tensor;
import org.pagedattention.tensor.Shape;

/**
 * Numbers in pooled memory.
 *
 * @param bytes the whole buffer, which may be larger than the tensor
 * @param floats the same memory
 */
record CpuTensor(Shape shape, ByteBuffer bytes, FloatBuffer floats) implements Tensor {

    CpuTensor(Shape shape, ByteBuffer bytes) {
        this(shape, bytes, bytes.asFloatBuffer());
    }

    int rows() {
        return shape.rows();
    }

    int columns() {
        return shape.columns();
    }

    /** Copies {@code count} rows to the start of {@code target}. */
    void read(int firstRow, int count, float[] target) {
        floats.get(firstRow * columns(), target, 0, count * columns());
    }

    /** Copies {@code count} rows from the start of {@code source}. */
    void write(int firstRow, int count, float[] source) {
        floats.put(firstRow * columns(), source, 0, count * columns());
    }
}
