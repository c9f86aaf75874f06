package org.pagedattention.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.pagedattention.tensor.Shape;

/** Rows of numbers in double precision, and the operations of a {@link Pass} as their definitions say them. */
record Matrix(int rows, int columns, double[] values) {

    /** Normal numbers in single precision, so that a backend is given exactly these. */
    static Matrix random(Random random, int rows, int columns) {
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new Matrix(rows, columns, values);
    }

    double at(int row, int column) {
        return values[row * columns + column];
    }

    Shape shape() {
        return Shape.of(rows, columns);
    }

    Matrix rows(int from, int to) {
        double[] some = new double[(to - from) * columns];
        System.arraycopy(values, from * columns, some, 0, some.length);
        return new Matrix(to - from, columns, some);
    }

    Matrix times(Matrix weight, Matrix bias) {
        double[] made = new double[rows * weight.rows];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < weight.rows; c++) {
                double sum = bias == null ? 0 : bias.values[c];
                for (int i = 0; i < columns; i++) {
                    sum += at(r, i) * weight.at(c, i);
                }
                made[r * weight.rows + c] = sum;
            }
        }
        return new Matrix(rows, weight.rows, made);
    }

    Matrix map(DoubleUnaryOperator function) {
        double[] made = new double[values.length];
        for (int i = 0; i < made.length; i++) {
            made[i] = function.applyAsDouble(values[i]);
        }
        return new Matrix(rows, columns, made);
    }

    Matrix plus(Matrix other) {
        double[] made = new double[values.length];
        for (int i = 0; i < made.length; i++) {
            made[i] = values[i] + other.values[i];
        }
        return new Matrix(rows, columns, made);
    }

    Matrix timesEach(Matrix other) {
        double[] made = new double[values.length];
        for (int i = 0; i < made.length; i++) {
            made[i] = values[i] * other.values[i];
        }
        return new Matrix(rows, columns, made);
    }

    Matrix normed(Norm.Kind kind, Matrix gain, Matrix bias, double epsilon) {
        double[] made = new double[values.length];
        for (int r = 0; r < rows; r++) {
            double mean = 0;
            for (int c = 0; c < columns; c++) {
                mean += kind == Norm.Kind.LAYER ? at(r, c) / columns : 0;
            }
            double square = 0;
            for (int c = 0; c < columns; c++) {
                square += (at(r, c) - mean) * (at(r, c) - mean) / columns;
            }
            for (int c = 0; c < columns; c++) {
                double normed = (at(r, c) - mean) / Math.sqrt(square + epsilon) * gain.values[c];
                made[r * columns + c] = normed + (bias == null ? 0 : bias.values[c]);
            }
        }
        return new Matrix(rows, columns, made);
    }

    /** One row of all rows from {@code skipped} on. */
    double[] pooled(SequencePooling pooling, int skipped) {
        double[] row = new double[columns];
        double divisor = 0;
        for (int r = skipped; r < rows; r++) {
            double weight = pooling == SequencePooling.WEIGHTED_MEAN ? r + 1 : 1;
            divisor += weight;
            for (int c = 0; c < columns; c++) {
                row[c] = switch (pooling) {
                    case FIRST -> at(skipped, c);
                    case LAST -> at(rows - 1, c);
                    case MAX -> r == skipped ? at(r, c) : Math.max(row[c], at(r, c));
                    case MEAN, MEAN_SQRT, WEIGHTED_MEAN -> row[c] + weight * at(r, c);
                };
            }
        }
        for (int c = 0; c < columns; c++) {
            row[c] /= switch (pooling) {
                case FIRST, LAST, MAX -> 1;
                case MEAN, WEIGHTED_MEAN -> Math.max(divisor, 1e-9);
                case MEAN_SQRT -> Math.sqrt(Math.max(divisor, 1e-9));
            };
        }
        return row;
    }

    float[] floats() {
        float[] made = new float[values.length];
        for (int i = 0; i < made.length; i++) {
            made[i] = (float) values[i];
        }
        return made;
    }

    ByteBuffer bytes() {
        ByteBuffer made = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        made.asFloatBuffer().put(floats());
        return made;
    }

    double largest() {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
