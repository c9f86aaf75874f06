package org.pagedattention.jobs.getmodel;

import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * A tensor to be written.
 *
 * @param floats gives its numbers, row after row
 */
record StoredTensor(long[] shape, Supplier<float[]> floats) {

    /** A matrix with its rows and columns exchanged. */
    static StoredTensor transposed(OnnxTensor matrix) {
        if (matrix.shape().length != 2) {
            throw new IllegalArgumentException(
                    "tensor " + matrix.name() + " has " + matrix.shape().length + " axes, and a matrix has 2");
        }
        long rows = matrix.shape()[0];
        long columns = matrix.shape()[1];
        return new StoredTensor(
                new long[] {columns, rows}, () -> transpose(matrix.floats(), (int) rows, (int) columns));
    }

    private static float[] transpose(float[] matrix, int rows, int columns) {
        float[] transposed = new float[matrix.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                transposed[c * rows + r] = matrix[r * columns + c];
            }
        }
        return transposed;
    }

    long bytes() {
        return LongStream.of(shape).reduce(Float.BYTES, (a, b) -> a * b);
    }
}
