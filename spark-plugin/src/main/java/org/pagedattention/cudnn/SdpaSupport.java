package org.pagedattention.cudnn;

import java.util.Optional;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.library.CudnnVersion;
import org.pagedattention.tensor.ElementType;

/** What is known of attention in a version of cuDNN, as data. */
record SdpaSupport(CudnnVersion version) {
    private static final CudnnVersion INFINITE_MASK = new CudnnVersion(9, 10, 0);
    private static final CudnnVersion LARGE_HEADS = new CudnnVersion(9, 10, 0);
    private static final CudnnVersion LONE_WINDOWS = new CudnnVersion(9, 10, 2);
    private static final CudnnVersion BROKEN_LONE_WINDOWS = new CudnnVersion(9, 14, 0);
    private static final CudnnVersion UNMASKED_PADDING = new CudnnVersion(9, 14, 0);
    private static final int LONGEST_UNBROKEN_WINDOW = 1024;

    /** Whether any version attends tensors of {@code type}. */
    static boolean attends(ElementType type) {
        return type != ElementType.FP32;
    }

    /**
     * Refuses masks that no graph has, before a batch is looked at: short rows alone could do without.
     *
     * @throws IllegalArgumentException for such a mask
     */
    static void requireKnown(Mask mask) {
        if (mask.band() == Mask.Band.AROUND) {
            throw new IllegalArgumentException(
                    "the cuDNN backend has no window that counts ahead, as ModernBERT's layers"
                            + " have it: set spark.pagedAttention.backend to cpu");
        }
    }

    /** Why this version cannot run {@code shape}; empty when it can. */
    Optional<String> refusal(SdpaShape shape) {
        if (Math.max(shape.headDim(), shape.valueDim()) > 128 && olderThan(LARGE_HEADS)) {
            return Optional.of(
                    "cuDNN " + version + " runs paged attention with heads of at most 128 elements: install 9.10.2 "
                            + "or newer, or set spark.pagedAttention.backend to cpu");
        }
        if (shape.band() != Mask.Band.NONE || !shape.windowed()) {
            return Optional.empty();
        }
        if (olderThan(LONE_WINDOWS)) {
            return Optional.of("cuDNN " + version + " has no window without a causal mask: install " + LONE_WINDOWS
                    + " or newer, make option mask causal, or set spark.pagedAttention.backend to cpu");
        }
        if (brokenWindow(shape)) {
            return Optional.of(
                    "cuDNN " + version + " gives wrong results for a window without a causal mask over more than "
                            + LONGEST_UNBROKEN_WINDOW
                            + " keys: install a newer one, make option mask causal, or set spark.pagedAttention.backend to cpu");
        }
        return Optional.empty();
    }

    private boolean brokenWindow(SdpaShape shape) {
        return version.equals(BROKEN_LONE_WINDOWS) && shape.maxKv() > LONGEST_UNBROKEN_WINDOW;
    }

    /** Whether paged graphs without a padding mask were tried on it; cuDNN's own frontend makes none. */
    boolean takesUnmaskedPadding() {
        return !olderThan(UNMASKED_PADDING);
    }

    /** What a masked score is set to; early versions did not take an infinity. */
    float maskedScore() {
        return olderThan(INFINITE_MASK) ? -Float.MAX_VALUE : Float.NEGATIVE_INFINITY;
    }

    private boolean olderThan(CudnnVersion other) {
        return version.compareTo(other) < 0;
    }
}
