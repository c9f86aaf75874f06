package org.pagedattention.prefix;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which sequences go through a model together, so that those that begin alike meet and few prefixes are computed twice. A
 * pass is planned when it is its turn: what the passes before it have kept is known by then. A sequence too long for a pass
 * goes in chunks, as long as what is computed of it is kept.
 */
public final class PrefixPasses {
    /** A pass grows beyond its usual size as long as ending it would cost more than this part of its tokens. */
    private static final int PART = 8;

    /** What is less than this part of a usual pass is sooner computed again than kept. */
    private static final int LEAST_KEPT_PART = 16;

    private final SortedPrefixes sorted;
    private final boolean shares;
    private final int[] needed;
    private final int pageSize;
    private final long usual;
    private final long most;
    private final int mostSequences;
    /** Ranks from this one on come first. */
    private int firstRank;

    private int taken;
    /** Positions of the sequence whose turn it is that were answered in chunks. */
    private int answered;

    private PrefixPasses(SortedPrefixes sorted, boolean shares, Limits limits) {
        this.sorted = sorted;
        this.shares = shares;
        needed = limits.needed;
        pageSize = limits.pageSize;
        usual = limits.usual;
        most = limits.most;
        mostSequences = limits.mostSequences;
        firstRank = shares ? -1 : 0;
    }

    /**
     * How large passes are.
     *
     * @param needed of each sequence the first position whose token must be computed, whatever has been kept
     * @param usual tokens of a pass, where what lies around its end has little in common
     * @param most tokens of a pass, but for a single longer sequence of which nothing is kept
     * @param mostSequences sequences of a pass
     */
    public record Limits(int[] needed, int pageSize, long usual, long most, int mostSequences) {}

    /** Those that begin alike go together. */
    public static PrefixPasses sharing(List<int[]> sequences, Limits limits) {
        return new PrefixPasses(SortedPrefixes.of(sequences, limits.pageSize), true, limits);
    }

    /** In the order of the sequences, each by itself. */
    public static PrefixPasses unshared(List<int[]> sequences, Limits limits) {
        return new PrefixPasses(SortedPrefixes.unsorted(sequences, limits.pageSize), false, limits);
    }

    /** Tokens of some sequences, where those that one begins with as another does, in whole pages, count once. */
    public static long distinct(List<int[]> sequences, int pageSize) {
        SortedPrefixes sorted = SortedPrefixes.of(sequences, pageSize);
        long tokens = 0;
        for (int rank = 0; rank < sorted.count(); rank++) {
            tokens += sorted.sequence(rank).length - sorted.commonPages(rank);
        }
        return tokens;
    }

    public boolean hasNext() {
        return taken < sorted.count();
    }

    /**
     * The next pass; null when there is none.
     *
     * @param past tokens, in whole pages, that an earlier pass has left
     * @param keeps whether passes keep what they are asked to, as far as one can tell
     */
    public @Nullable PlannedPass next(int[] past, boolean keeps) {
        if (!hasNext()) {
            return null;
        }
        if (firstRank < 0) {
            firstRank = mostAlike(past);
        }
        int rank = rank(taken);
        int[] sequence = sorted.sequence(rank);
        int there = Math.min(common(sequence, past), wholePages(needed(rank)));
        int held = answered > 0 ? there : shares ? ifWorthIt(there) : 0;
        long end = held + Math.max(pageSize, usual / pageSize * pageSize);
        return keeps && sequence.length - held > most && end < sequence.length
                ? chunk(rank, held, (int) end)
                : whole(past, held, keeps);
    }

    private PlannedPass chunk(int rank, int held, int end) {
        int from = needed(rank);
        answered = Math.max(from, end);
        return new PlannedPass(new int[] {sorted.index(rank)}, from, end, held, end);
    }

    private PlannedPass whole(int[] past, int held, boolean keeps) {
        int first = taken;
        int from = answered;
        int[] shared = Arrays.copyOf(past, held);
        long tokens = (long) sorted.sequence(rank(first)).length - held;
        boolean alone = !shares && held > 0;
        answered = 0;
        taken++;
        while (hasNext() && !alone && taken - first < mostSequences) {
            int rank = rank(taken);
            int ofPast = common(sorted.sequence(rank), shared);
            long grown = tokens + sorted.sequence(rank).length - Math.max(ofPast, more(rank));
            if (ofPast > needed[sorted.index(rank)]
                    || grown > most
                    || (grown > usual && cost(rank, keeps) * PART <= tokens)) {
                break;
            }
            tokens = grown;
            taken++;
        }
        int[] numbers = new int[taken - first];
        Arrays.setAll(numbers, i -> sorted.index(rank(first + i)));
        return new PlannedPass(numbers, from, Integer.MAX_VALUE, held, shares ? keep(held, numbers.length) : 0);
    }

    /** Tokens that are computed again when the sequence of a rank begins a pass. */
    private long cost(int rank, boolean keeps) {
        int common = sorted.commonPages(rank);
        return keeps ? common - keepable(rank) : common;
    }

    /** What the sequence of a rank has in common with the one before it and can do without, where it is worth keeping. */
    private int keepable(int rank) {
        return ifWorthIt(Math.min(sorted.commonPages(rank), wholePages(needed[sorted.index(rank)])));
    }

    private int ifWorthIt(int tokens) {
        return (long) tokens * LEAST_KEPT_PART < usual ? 0 : tokens;
    }

    /** What to keep for the sequence that follows; where none does, for one like the last. */
    private int keep(int held, int sequences) {
        if (hasNext()) {
            return keepable(rank(taken));
        }
        return sequences > 1 ? keepable(rank(taken - 1)) : held;
    }

    /** Tokens of a sequence that the one before it has too. */
    private int more(int rank) {
        return sorted.extendsTheOneBefore(rank) ? sorted.common(rank) : sorted.commonPages(rank);
    }

    private int needed(int rank) {
        return Math.max(needed[sorted.index(rank)], answered);
    }

    private int rank(int turn) {
        return (firstRank + turn) % sorted.count();
    }

    /** The first of the sequences that have most in common with {@code past}. */
    private int mostAlike(int[] past) {
        int best = 0;
        int most = 0;
        for (int rank = 0; rank < sorted.count(); rank++) {
            int common = common(sorted.sequence(rank), past);
            if (common > most) {
                best = rank;
                most = common;
            }
        }
        return best;
    }

    private int common(int[] sequence, int[] past) {
        int differs = Arrays.mismatch(sequence, past);
        return wholePages(differs < 0 ? past.length : differs);
    }

    private int wholePages(int tokens) {
        return tokens / pageSize * pageSize;
    }
}
