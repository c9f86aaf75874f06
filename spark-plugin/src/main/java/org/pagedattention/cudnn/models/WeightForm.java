package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** The 16 bits that hold it: those of the checkpoint, and for fp32 the finer ones where they reach as far. */
    ElementType halfType() {
        if (stored != ElementType.FP32) {
            return stored;
        }
        return fitsFp16() ? ElementType.FP16 : ElementType.BF16;
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
