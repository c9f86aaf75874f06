package org.pagedattention.cudnn;

import java.util.List;
import java.util.stream.LongStream;

/**
 * Extents and element strides of a tensor; four of each in an attention graph.
 *
 * @param dims elements along each axis
 * @param strides elements from one index of an axis to the next
 */
record TensorShape(List<Long> dims, List<Long> strides) {

    /** One number. */
    static final TensorShape SCALAR = rowMajor(1, 1, 1, 1);

    /** Shape of {@code [n]} numbers along the first axis. */
    static TensorShape vector(long n) {
        return rowMajor(n, 1, 1, 1);
    }

    /** The last axis varies fastest, without gaps. */
    static TensorShape rowMajor(long a, long b, long c, long d) {
        return new TensorShape(List.of(a, b, c, d), List.of(b * c * d, c * d, d, 1L));
    }

    /**
     * Batches of tokens, {@code [batch, heads, tokens, dim]} seen, {@code [batch, tokens, heads, dim]} stored.
     */
    static TensorShape tokenMajor(long batch, long heads, long tokens, long dim) {
        return new TensorShape(List.of(batch, heads, tokens, dim), List.of(tokens * heads * dim, dim, heads * dim, 1L));
    }

    /** The last two axes exchanged. */
    TensorShape transposed() {
        return new TensorShape(swapLast(dims), swapLast(strides));
    }

    long[] dimArray() {
        return array(dims);
    }

    long[] strideArray() {
        return array(strides);
    }

    private static List<Long> swapLast(List<Long> axes) {
        return List.of(axes.get(0), axes.get(1), axes.get(3), axes.get(2));
    }

    private static long[] array(List<Long> numbers) {
        return numbers.stream().flatMapToLong(LongStream::of).toArray();
    }
}
