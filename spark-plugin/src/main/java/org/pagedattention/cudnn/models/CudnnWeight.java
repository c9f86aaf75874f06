package org.pagedattention.cudnn.models;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Weight;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** A matrix in 16 bits, or a vector in all types, in device memory. */
final class CudnnWeight implements Weight {
    private final Shape shape;
    private final ElementType type;
    private final boolean fitsFp16;
    private final AtomicLong held;
    private @Nullable MemoryBlock block;

    /**
     * @param type of a matrix, and for vectors the one that goes with it
     * @param fitsFp16 whether a vector is there in fp16
     * @param held bytes that all weights take together
     */
    CudnnWeight(Shape shape, ElementType type, boolean fitsFp16, MemoryBlock block, AtomicLong held) {
        this.shape = shape;
        this.type = type;
        this.fitsFp16 = fitsFp16;
        this.block = block;
        this.held = held;
        held.addAndGet(block.bytes());
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** What the rows that a matrix multiplies must be of. */
    ElementType type() {
        return type;
    }

    /** Address of a matrix, rows end to end. */
    long matrix() {
        if (shape.rank() != 2) {
            throw new IllegalArgumentException("weight " + shape + " is no matrix");
        }
        return block().address();
    }

    /** A matrix where it lies. */
    DeviceTensor rows() {
        int stride = DeviceTensor.padded(shape.columns());
        return new DeviceTensor(
                Region.fixed(matrix(), block().bytes(), (long) stride * type.bytes()), 0, shape, type, stride);
    }

    /** The type in which a vector of {@code columns} goes with rows of {@code wanted}. */
    ElementType vectorType(ElementType wanted, int columns) {
        if (shape.rank() != 1 || shape.size(0) != columns) {
            throw new IllegalArgumentException("weight " + shape + " is no vector of " + columns);
        }
        return wanted == ElementType.FP16 && !fitsFp16 ? ElementType.FP32 : wanted;
    }

    /** Address of a vector in one of its types, zeros behind its last number. */
    long vector(ElementType as) {
        return block().address() + place(as, shape);
    }

    /** Where a vector's numbers of one type begin in its block: fp32, then the 16 bits of either kind. */
    static long place(ElementType type, Shape shape) {
        long numbers = DeviceTensor.padded(shape.size(0));
        return switch (type) {
            case FP32 -> 0;
            case FP16 -> numbers * Float.BYTES;
            case BF16 -> numbers * (Float.BYTES + Short.BYTES);
        };
    }

    /** Bytes of a vector in all types. */
    static long vectorBytes(Shape shape) {
        return (long) DeviceTensor.padded(shape.size(0)) * (Float.BYTES + 2 * Short.BYTES);
    }

    private MemoryBlock block() {
        if (block == null) {
            throw new IllegalArgumentException("weight " + shape + " is closed");
        }
        return block;
    }

    @Override
    public void close() {
        MemoryBlock last = block;
        block = null;
        if (last != null) {
            held.addAndGet(-last.bytes());
            last.close();
        }
    }
}
