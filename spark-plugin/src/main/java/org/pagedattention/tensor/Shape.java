package org.pagedattention.tensor;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The sizes of a tensor's dimensions, outermost first: {@code [rows, columns]}.
 *
 * @param sizes none of them negative
 */
public record Shape(List<Integer> sizes) {

    public Shape {
        sizes = List.copyOf(sizes);
        if (sizes.stream().anyMatch(size -> size < 0)) {
            throw new IllegalArgumentException("negative size in shape " + sizes);
        }
    }

    public static Shape of(int... sizes) {
        return new Shape(IntStream.of(sizes).boxed().toList());
    }

    /** Number of dimensions. */
    public int rank() {
        return sizes.size();
    }

    public int size(int dimension) {
        return sizes.get(dimension);
    }

    /** Elements of the whole tensor; 1 for rank 0. */
    public long elements() {
        return sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** Size of the outermost dimension of a matrix. */
    public int rows() {
        return matrix().size(0);
    }

    /** Size of the innermost dimension of a matrix. */
    public int columns() {
        return matrix().size(1);
    }

    private Shape matrix() {
        if (rank() != 2) {
            throw new IllegalStateException("shape " + this + " is no matrix");
        }
        return this;
    }

    @Override
    public String toString() {
        return sizes.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}
