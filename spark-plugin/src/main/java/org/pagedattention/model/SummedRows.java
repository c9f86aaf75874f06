package org.pagedattention.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/**
 * Each row of one small table plus each row of another, in fp32, so that a token looks up both at once: row {@code r} of
 * the first and {@code q} of the second are row {@code r * second.rows() + q}.
 */
record SummedRows(StoredTensor first, StoredTensor second) implements StoredRows {

    @Override
    public ElementType type() {
        return ElementType.FP32;
    }

    @Override
    public Shape shape() {
        return Shape.of(
                first.shape().rows() * second.shape().rows(), second.shape().columns());
    }

    @Override
    public ByteBuffer rows(int from, int count) {
        int columns = shape().columns();
        int others = second.shape().rows();
        float[] a = new float[columns];
        float[] b = new float[columns];
        ByteBuffer sums = ByteBuffer.allocate(Math.multiplyExact(count * columns, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int row = from; row < from + count; row++) {
            first.type().read(first.rows(row / others, 1), 0, a, columns);
            second.type().read(second.rows(row % others, 1), 0, b, columns);
            for (int i = 0; i < columns; i++) {
                sums.putFloat(a[i] + b[i]);
            }
        }
        return sums.flip();
    }
}
