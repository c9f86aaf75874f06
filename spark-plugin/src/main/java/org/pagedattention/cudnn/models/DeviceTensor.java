package org.pagedattention.cudnn.models;

import java.util.List;
import org.pagedattention.backend.Tensor;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * A matrix in the memory of a pass. Rows are a multiple of 8 numbers apart; a matrix of its own has zeros behind its last
 * column, one that consists of columns of another has what follows there.
 *
 * @param region what it lies in
 * @param firstColumn of the region's
 * @param stride numbers from one row to the next
 */
record DeviceTensor(Region region, int firstColumn, Shape shape, ElementType type, int stride) implements Tensor {
    /** What cuDNN's kernels step by. */
    static final int STEP = 8;

    static int padded(int columns) {
        return (columns + STEP - 1) / STEP * STEP;
    }

    int rows() {
        return shape.rows();
    }

    int columns() {
        return shape.columns();
    }

    /** Columns that kernels compute: those up to the next multiple of 8. */
    int width() {
        return padded(columns());
    }

    long rowBytes() {
        return (long) stride * type.bytes();
    }

    /**
     * Where it begins.
     *
     * @param base address of the memory of the pass
     */
    long address(long base) {
        return region.address(base) + (long) firstColumn * type.bytes();
    }

    /** The same rows from a column on. */
    DeviceTensor from(int column) {
        return new DeviceTensor(region, firstColumn + column, Shape.of(rows(), columns() - column), type, stride);
    }

    boolean isView() {
        return region.rowBytes() != (long) width() * type.bytes();
    }

    DataType dataType() {
        return DataType.of(type);
    }

    /** {@code [1, rows, columns]} of a launch, rows {@code stride} apart. */
    static TensorShape matrix(long rows, long columns, long stride) {
        return new TensorShape(List.of(1L, rows, columns), List.of(rows * stride, stride, 1L));
    }
}
