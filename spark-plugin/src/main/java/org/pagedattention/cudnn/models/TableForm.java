package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.pagedattention.backend.ModelType;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/**
 * A table of a checkpoint as a device wants it, a piece at a time. Pure.
 *
 * @param factor what every number is multiplied with
 */
record TableForm(StoredRows stored, float factor) {
    private static final int PIECE_BYTES = 64 << 20;

    int rowsOfPiece() {
        return Math.max(1, PIECE_BYTES / (stored.shape().columns() * Float.BYTES));
    }

    /** The rows from {@code first} on, as many as make a piece. */
    WeightForm piece(int first) {
        int count = Math.min(rowsOfPiece(), stored.shape().rows() - first);
        Shape shape = Shape.of(count, stored.shape().columns());
        ByteBuffer bytes = stored.rows(first, count);
        return factor == 1
                ? new WeightForm(stored.type(), shape, bytes)
                : new WeightForm(ElementType.FP32, shape, multiplied(bytes, (int) shape.elements()));
    }

    private ByteBuffer multiplied(ByteBuffer bytes, int count) {
        float[] numbers = new float[count];
        stored.type().read(bytes.order(ByteOrder.LITTLE_ENDIAN), bytes.position(), numbers, count);
        ByteBuffer products = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            products.putFloat(number * factor);
        }
        return products.flip();
    }

    /** The 16 bits for it, as {@link WeightForm#halfType} says. */
    ElementType halfType(ModelType asked) {
        return WeightForm.halfType(asked, stored.type(), this::fitsFp16);
    }

    private boolean fitsFp16() {
        return IntStream.iterate(0, row -> row < stored.shape().rows(), row -> row + rowsOfPiece())
                .allMatch(row -> piece(row).fitsFp16());
    }
}
