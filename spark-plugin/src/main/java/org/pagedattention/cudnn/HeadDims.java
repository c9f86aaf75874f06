package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pagedattention.attention.AttentionSpec;

/**
 * Head sizes as they lie in device memory, zeros behind the real elements: a zero adds nothing to a dot product.
 *
 * @param head elements of a head of Q and K
 * @param value elements of a head of V and O
 */
record HeadDims(int head, int value) {
    /** What cuDNN's kernels step by. */
    private static final int STEP = 8;

    private static final int LARGEST = 256;

    /** Sizes that every kernel takes. */
    private static final List<Integer> COMMON = List.of(16, 32, 64, 128, 256);

    /**
     * Sizes to try for {@code spec}, the one with the least padding first.
     *
     * @throws IllegalArgumentException when no size can hold its heads
     */
    static List<HeadDims> candidates(AttentionSpec spec) {
        int larger = Math.max(spec.headDim(), spec.valueDim());
        if (larger > LARGEST) {
            throw new IllegalArgumentException("head dim " + spec.headDim() + ", value dim " + spec.valueDim()
                    + ": cuDNN attends heads of at most " + LARGEST
                    + " elements; set spark.pagedAttention.backend to cpu for larger ones");
        }
        List<HeadDims> candidates = new ArrayList<>();
        candidates.add(new HeadDims(roundUp(spec.headDim()), roundUp(spec.valueDim())));
        candidates.add(new HeadDims(common(spec.headDim()), common(spec.valueDim())));
        candidates.add(new HeadDims(common(larger), common(larger)));
        return candidates.stream().distinct().toList();
    }

    /** Whether device rows hold more than the elements of {@code spec}. */
    boolean pads(AttentionSpec spec) {
        return head != spec.headDim() || value != spec.valueDim();
    }

    private static int roundUp(int elements) {
        return (elements + STEP - 1) / STEP * STEP;
    }

    private static int common(int elements) {
        return Stream.concat(COMMON.stream(), Stream.of(LARGEST))
                .filter(size -> size >= elements)
                .findFirst()
                .orElseThrow();
    }
}
