package org.pagedattention.backend.reference;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.pagedattention.backend.Tensor;
import org.pagedattention.tensor.Shape;

/** Rows of numbers in fp64. */
record Matrix(int rows, int columns, double[] values) implements Tensor {

    static Matrix zeros(int rows, int columns) {
        return new Matrix(rows, columns, new double[Math.multiplyExact(rows, columns)]);
    }

    @Override
    public Shape shape() {
        return Shape.of(rows, columns);
    }

    double at(int row, int column) {
        return values[row * columns + column];
    }

    /** Rows from {@code from} up to {@code to}. */
    double[] slice(int from, int to) {
        return Arrays.copyOfRange(values, from * columns, to * columns);
    }

    Matrix map(DoubleUnaryOperator function) {
        return new Matrix(rows, columns, Arrays.stream(values).map(function).toArray());
    }

    Matrix with(Matrix other, DoubleBinaryOperator function) {
        if (rows != other.rows || columns != other.columns) {
            throw new IllegalArgumentException(shape() + " and " + other.shape() + " are not of one shape");
        }
        Matrix made = zeros(rows, columns);
        for (int i = 0; i < values.length; i++) {
            made.values[i] = function.applyAsDouble(values[i], other.values[i]);
        }
        return made;
    }

    /** This times the transpose of a weight, {@code [out, in]}. */
    Matrix times(ReferenceWeight weight) {
        int in = weight.shape().columns();
        int out = weight.shape().rows();
        if (columns != in) {
            throw new IllegalArgumentException(shape() + " has not the " + in + " columns of a linear layer "
                    + weight.shape() + " (" + in + " columns)");
        }
        Matrix made = zeros(rows, out);
        float[] w = weight.values();
        for (int o = 0; o < out; o++) {
            for (int r = 0; r < rows; r++) {
                double sum = 0;
                for (int i = 0; i < in; i++) {
                    sum += values[r * in + i] * w[o * in + i];
                }
                made.values[r * out + o] = sum;
            }
        }
        return made;
    }

    /** A vector added to every row. */
    Matrix plusRow(float[] vector) {
        Matrix made = zeros(rows, columns);
        for (int i = 0; i < values.length; i++) {
            made.values[i] = values[i] + vector[i % columns];
        }
        return made;
    }
}
