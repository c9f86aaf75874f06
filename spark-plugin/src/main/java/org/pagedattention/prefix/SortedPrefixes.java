package org.pagedattention.prefix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Sequences in lexical order, in which those that begin alike are neighbours, and how much neighbours have in common. */
final class SortedPrefixes {
    private final List<int[]> sequences;
    private final int pageSize;
    private final int[] order;
    /** Tokens that each has in common with the one before it. */
    private final int[] common;

    private SortedPrefixes(List<int[]> sequences, int pageSize, int[] order, int[] common) {
        this.sequences = sequences;
        this.pageSize = pageSize;
        this.order = order;
        this.common = common;
    }

    private void compare() {
        for (int i = 1; i < order.length; i++) {
            int differs = Arrays.mismatch(sequence(i - 1), sequence(i));
            common[i] = differs < 0 ? sequence(i).length : differs;
        }
    }

    static SortedPrefixes of(List<int[]> sequences, int pageSize) {
        int[] order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted((a, b) -> Arrays.compare(sequences.get(a), sequences.get(b)))
                .mapToInt(Integer::intValue)
                .toArray();
        SortedPrefixes sorted = new SortedPrefixes(sequences, pageSize, order, new int[order.length]);
        sorted.compare();
        return sorted;
    }

    /** In the order in which they are given, as if they had nothing in common. */
    static SortedPrefixes unsorted(List<int[]> sequences, int pageSize) {
        int[] order = IntStream.range(0, sequences.size()).toArray();
        return new SortedPrefixes(sequences, pageSize, order, new int[order.length]);
    }

    int count() {
        return order.length;
    }

    int[] sequence(int rank) {
        return sequences.get(order[rank]);
    }

    /** Which sequence, as they were given, has this rank. */
    int index(int rank) {
        return order[rank];
    }

    /** Tokens in common with the one before; 0 for the first. */
    int common(int rank) {
        return common[rank];
    }

    /** Whether the one before has no token of its own. */
    boolean extendsTheOneBefore(int rank) {
        return rank > 0 && !hasTokensOfItsOwn(rank - 1);
    }

    /** Tokens in common with the one before, in whole pages; 0 for the first. */
    int commonPages(int rank) {
        return common[rank] / pageSize * pageSize;
    }

    /** Whether a sequence is more than the beginning of the next one. */
    boolean hasTokensOfItsOwn(int rank) {
        return rank + 1 == order.length || common[rank + 1] < sequence(rank).length;
    }

    /** Ranks of all that are more than the beginning of the next one. */
    List<Integer> withTokensOfTheirOwn() {
        List<Integer> ranks = new ArrayList<>();
        for (int i = 0; i < order.length; i++) {
            if (hasTokensOfItsOwn(i)) {
                ranks.add(i);
            }
        }
        return ranks;
    }

    /** Tokens that {@code ranks[i]} has in common with the one before it there, in whole pages. */
    int commonPages(List<Integer> ranks, int i) {
        // those between are beginnings of ranks[i], and as long as what it has in common with the one before, or longer
        int least = common[ranks.get(i - 1) + 1];
        return least / pageSize * pageSize;
    }
}
