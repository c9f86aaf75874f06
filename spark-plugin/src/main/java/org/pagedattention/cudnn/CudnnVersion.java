package org.pagedattention.cudnn;

import java.util.List;
import java.util.Optional;
import org.pagedattention.attention.Mask;

/** A cuDNN version, and what is known of each, as data. */
record CudnnVersion(int major, int minor, int patch) implements Comparable<CudnnVersion> {

    private static final CudnnVersion OLDEST = new CudnnVersion(9, 7, 0);
    private static final CudnnVersion FAST = new CudnnVersion(9, 15, 0);
    private static final CudnnVersion INFINITE_MASK = new CudnnVersion(9, 10, 0);
    private static final CudnnVersion LARGE_HEADS = new CudnnVersion(9, 10, 0);
    private static final CudnnVersion LONE_WINDOWS = new CudnnVersion(9, 10, 2);
    private static final CudnnVersion BROKEN_LONE_WINDOWS = new CudnnVersion(9, 14, 0);
    private static final CudnnVersion UNMASKED_PADDING = new CudnnVersion(9, 14, 0);
    private static final int LONGEST_UNBROKEN_WINDOW = 1024;

    /**
     * Versions that must not be used.
     *
     * @param from first such version
     * @param before first version after them
     * @param reason why
     */
    private record Refusal(CudnnVersion from, CudnnVersion before, String reason) {}

    private static final List<Refusal> REFUSED = List.of(
            new Refusal(new CudnnVersion(0, 0, 0), new CudnnVersion(9, 5, 0), "has no paged attention"),
            new Refusal(new CudnnVersion(9, 5, 0), OLDEST, "cannot run ragged queries over paged keys"),
            new Refusal(
                    new CudnnVersion(9, 10, 0),
                    new CudnnVersion(9, 10, 2),
                    "is known to give wrong attention results"));

    /** From the number that {@code cudnnGetVersion} gives, such as 91400 for 9.14.0. */
    static CudnnVersion of(long number) {
        // below 9 the major version counted thousands
        long unit = number >= 90000 ? 10000 : 1000;
        return new CudnnVersion((int) (number / unit), (int) (number % unit / 100), (int) (number % 100));
    }

    /** Why this version cannot be used at all; empty when it can. */
    Optional<String> refusal() {
        return REFUSED.stream()
                .filter(refusal -> compareTo(refusal.from) >= 0 && compareTo(refusal.before) < 0)
                .findFirst()
                .map(refusal -> "cuDNN " + this + " " + refusal.reason + ": install 9.10.2 or newer, best " + FAST
                        + " or newer, and name its folder in spark.pagedAttention.cudnn.libraryPath");
    }

    /** What is worse in this version than in newer ones; empty when nothing is. */
    Optional<String> warning() {
        return compareTo(FAST) < 0
                ? Optional.of(
                        "cuDNN " + this + " runs paged attention at about half speed: install " + FAST + " or newer")
                : Optional.empty();
    }

    /** Why this version cannot run {@code shape}; empty when it can. */
    Optional<String> refusal(SdpaShape shape) {
        if (Math.max(shape.headDim(), shape.valueDim()) > 128 && compareTo(LARGE_HEADS) < 0) {
            return Optional.of(
                    "cuDNN " + this + " runs paged attention with heads of at most 128 elements: install 9.10.2 "
                            + "or newer, or use --backend cpu");
        }
        if (shape.band() != Mask.Band.NONE || !shape.windowed()) {
            return Optional.empty();
        }
        if (compareTo(LONE_WINDOWS) < 0) {
            return Optional.of("cuDNN " + this + " has no window without a causal mask: install " + LONE_WINDOWS
                    + " or newer, add a causal --mask, or use --backend cpu");
        }
        if (brokenWindow(shape)) {
            return Optional.of(
                    "cuDNN " + this + " gives wrong results for a window without a causal mask over more than "
                            + LONGEST_UNBROKEN_WINDOW
                            + " keys: install a newer one, add a causal --mask, or use --backend cpu");
        }
        return Optional.empty();
    }

    private boolean brokenWindow(SdpaShape shape) {
        return equals(BROKEN_LONE_WINDOWS) && shape.maxKv() > LONGEST_UNBROKEN_WINDOW;
    }

    /** Whether paged graphs without a padding mask were tried on it; cuDNN's own frontend makes none. */
    boolean takesUnmaskedPadding() {
        return compareTo(UNMASKED_PADDING) >= 0;
    }

    /** What a masked score is set to; early versions did not take an infinity. */
    float maskedScore() {
        return compareTo(INFINITE_MASK) >= 0 ? Float.NEGATIVE_INFINITY : -Float.MAX_VALUE;
    }

    @Override
    public int compareTo(CudnnVersion other) {
        return Integer.compare(
                (major * 100 + minor) * 100 + patch, (other.major * 100 + other.minor) * 100 + other.patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
