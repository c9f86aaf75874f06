package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;
import org.pagedattention.backend.ModelType;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * A tensor of a checkpoint as a device wants it: in 16 bits, with zeros up to a multiple of 8 rows and columns. Pure.
 *
 * @param stored how {@code bytes} hold it
 * @param bytes little-endian, from the buffer's position on
 */
record WeightForm(ElementType stored, Shape shape, ByteBuffer bytes) {
    /** Magnitudes below two to this power fit fp16, with room for sums of a few. */
    private static final int FP16_EXPONENT = 15;

    WeightForm {
        if (shape.rank() < 1 || shape.rank() > 2) {
            throw new IllegalArgumentException("a weight is a matrix or a vector, not " + shape);
        }
        if (bytes.remaining() != shape.elements() * stored.bytes()) {
            throw new IllegalArgumentException(
                    bytes.remaining() + " bytes for a tensor " + shape + " of " + stored + " are not its size");
        }
        bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The 16 bits that hold it: those asked for, else those of the checkpoint, and for fp32 the finer ones where they reach
     * as far.
     *
     * @throws IllegalArgumentException when fp16 is asked for and does not reach as far
     */
    ElementType halfType(ModelType asked) {
        return halfType(asked, stored, this::fitsFp16);
    }

    static ElementType halfType(ModelType asked, ElementType stored, BooleanSupplier fitsFp16) {
        return switch (asked) {
            case AUTO -> stored == ElementType.BF16 || !fitsFp16.getAsBoolean() ? ElementType.BF16 : ElementType.FP16;
            case BF16 -> ElementType.BF16;
            case FP16 -> {
                if (!fitsFp16.getAsBoolean()) {
                    throw new IllegalArgumentException("the model has weights of 2^" + FP16_EXPONENT
                            + " and more, too large for fp16, and " + ModelType.KEY
                            + " is fp16: set it to bf16 or auto");
                }
                yield ElementType.FP16;
            }
            case FP32 -> throw new IllegalArgumentException("a model computes in 16 bits here, not in fp32");
        };
    }

    /** Whether fp16 holds all of it. */
    boolean fitsFp16() {
        return stored == ElementType.FP16
                || stored.allBelow(FP16_EXPONENT, bytes, bytes.position(), (int) shape.elements());
    }

    int rows() {
        return shape.rank() == 1 ? 1 : shape.rows();
    }

    int columns() {
        return shape.size(shape.rank() - 1);
    }

    int paddedRows() {
        return DeviceTensor.padded(rows());
    }

    int paddedColumns() {
        return DeviceTensor.padded(columns());
    }

    /**
     * Writes padded rows from {@code from} up to {@code to} at the start of {@code target}.
     *
     * @param type of the numbers written
     */
    void write(int from, int to, ElementType type, ByteBuffer target) {
        int rowBytes = paddedColumns() * type.bytes();
        byte[] zeros = new byte[rowBytes];
        float[] row = new float[columns()];
        for (int r = from; r < to; r++) {
            int at = (r - from) * rowBytes;
            target.put(at, zeros);
            int source = bytes.position() + r * columns() * stored.bytes();
            if (r < rows() && stored == type) {
                target.put(at, bytes, source, columns() * type.bytes());
            } else if (r < rows()) {
                stored.read(bytes, source, row, row.length);
                type.write(row, row.length, target, at);
            }
        }
    }
}
