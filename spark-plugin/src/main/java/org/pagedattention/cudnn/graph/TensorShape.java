package org.pagedattention.cudnn.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Extents and element strides of a tensor of any rank; all tensors of a graph have the same.
 *
 * @param dims elements along each axis
 * @param strides elements from one index of an axis to the next
 */
public record TensorShape(List<Long> dims, List<Long> strides) {

    /** One number, seen as a tensor of {@code rank} axes. */
    static TensorShape ones(int rank) {
        return new TensorShape(Collections.nCopies(rank, 1L), Collections.nCopies(rank, 1L));
    }

    /** The last axis varies fastest, without gaps. */
    public static TensorShape rowMajor(long... dims) {
        Long[] strides = new Long[dims.length];
        long stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return new TensorShape(LongStream.of(dims).boxed().toList(), List.of(strides));
    }

    /**
     * Batches of tokens, {@code [batch, heads, tokens, dim]} seen, {@code [batch, tokens, heads, dim]} stored.
     */
    public static TensorShape tokenMajor(long batch, long heads, long tokens, long dim) {
        return new TensorShape(List.of(batch, heads, tokens, dim), List.of(tokens * heads * dim, dim, heads * dim, 1L));
    }

    /** The last two axes exchanged. */
    public TensorShape transposed() {
        return new TensorShape(swapLast(dims), swapLast(strides));
    }

    long[] dimArray() {
        return array(dims);
    }

    long[] strideArray() {
        return array(strides);
    }

    private static List<Long> swapLast(List<Long> axes) {
        List<Long> swapped = new ArrayList<>(axes);
        Collections.swap(swapped, axes.size() - 2, axes.size() - 1);
        return List.copyOf(swapped);
    }

    private static long[] array(List<Long> numbers) {
        return numbers.stream().flatMapToLong(LongStream::of).toArray();
    }
}
