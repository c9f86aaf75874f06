package org.pagedattention.prefix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which sequences go through a model together, so that those that begin alike meet and few prefixes are computed twice. */
public final class PrefixPasses {
    /** A pass grows beyond its usual size as long as ending it would cost more than this part of its tokens. */
    private static final int PART = 8;

    private PrefixPasses() {}

    /**
     * The numbers of the sequences of each pass.
     *
     * @param usual tokens of a pass, where what lies around its end has little in common
     * @param most tokens of a pass, but for a single longer sequence
     * @param mostSequences sequences of a pass
     */
    public static List<int[]> sharing(List<int[]> sequences, int pageSize, long usual, long most, int mostSequences) {
        SortedPrefixes sorted = SortedPrefixes.of(sequences, pageSize);
        Cut cut = new Cut();
        for (int rank = 0; rank < sorted.count(); rank++) {
            int length = sorted.sequence(rank).length;
            int common = sorted.commonPages(rank);
            long more = sorted.extendsTheOneBefore(rank) ? sorted.common(rank) : common;
            long grown = cut.tokens + length - more;
            if (cut.count >= mostSequences || grown > most || (grown > usual && (long) common * PART <= cut.tokens)) {
                cut.end();
                grown = length;
            }
            cut.add(sorted.index(rank), grown);
        }
        return cut.ended();
    }

    /** The numbers of the sequences of each pass, in their order, each by itself. */
    public static List<int[]> unshared(List<int[]> sequences, long most, int mostSequences) {
        Cut cut = new Cut();
        for (int i = 0; i < sequences.size(); i++) {
            if (cut.count >= mostSequences || cut.tokens + sequences.get(i).length > most) {
                cut.end();
            }
            cut.add(i, cut.tokens + sequences.get(i).length);
        }
        return cut.ended();
    }

    /** Passes, the last of which grows. */
    private static final class Cut {
        private final List<int[]> passes = new ArrayList<>();
        private int[] pass = new int[16];
        private int count;
        private long tokens;

        void add(int sequence, long grown) {
            if (count == pass.length) {
                pass = Arrays.copyOf(pass, 2 * count);
            }
            pass[count++] = sequence;
            tokens = grown;
        }

        void end() {
            if (count > 0) {
                passes.add(Arrays.copyOf(pass, count));
            }
            count = 0;
            tokens = 0;
        }

        List<int[]> ended() {
            end();
            return passes;
        }
    }
}
