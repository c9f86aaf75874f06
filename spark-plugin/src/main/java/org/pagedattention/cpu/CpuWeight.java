package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Weight;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** A matrix, packed for the kernel, or a vector, in fp32 on the heap. */
final class CpuWeight implements Weight {
    private final Shape shape;
    private final AtomicLong held;
    private @Nullable PackedMatrix matrix;
    private float @Nullable [] vector;

    /** @param held bytes that all weights take together */
    CpuWeight(ElementType type, Shape shape, ByteBuffer bytes, DenseKernel kernel, AtomicLong held) {
        this.shape = shape;
        this.held = held;
        if (shape.rank() == 2) {
            matrix = PackedMatrix.pack(type, shape, bytes, kernel);
        } else if (shape.rank() == 1) {
            vector = new float[shape.size(0)];
            type.read(bytes, bytes.position(), vector, vector.length);
        } else {
            throw new IllegalArgumentException("a weight is a matrix or a vector, not " + shape);
        }
        held.addAndGet(bytes());
    }

    @Override
    public Shape shape() {
        return shape;
    }

    PackedMatrix matrix() {
        if (matrix == null) {
            throw new IllegalArgumentException("weight " + shape + " is closed, or no matrix");
        }
        return matrix;
    }

    /** The numbers of a vector. */
    float[] vector() {
        return vector(shape.size(0));
    }

    /** The numbers of a vector of {@code columns}. */
    float[] vector(int columns) {
        if (vector == null || vector.length != columns) {
            throw new IllegalArgumentException("weight " + shape + " is closed, or no vector of " + columns);
        }
        return vector;
    }

    private long bytes() {
        return Float.BYTES * (matrix != null ? matrix.panels().length : shape.elements());
    }

    @Override
    public void close() {
        if (matrix != null || vector != null) {
            held.addAndGet(-bytes());
            matrix = null;
            vector = null;
        }
    }
}
