package org.pagedattention.cudnn.library;

import java.util.List;
import java.util.Optional;

/** A cuDNN version, and what is known of each, as data. */
public record CudnnVersion(int major, int minor, int patch) implements Comparable<CudnnVersion> {

    private static final CudnnVersion OLDEST = new CudnnVersion(9, 7, 0);
    private static final CudnnVersion FAST = new CudnnVersion(9, 15, 0);

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
    public static CudnnVersion of(long number) {
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
    public Optional<String> warning() {
        return compareTo(FAST) < 0
                ? Optional.of(
                        "cuDNN " + this + " runs paged attention at about half speed: install " + FAST + " or newer")
                : Optional.empty();
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
