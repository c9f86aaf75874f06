package org.pagedattention.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.paging.PagedBatch;

class PrefixTreeTest {
    private static final int PAGE = 4;

    @ParameterizedTest
    @CsvSource({
        // prefix, tokens behind it, rows, tokens to compute: whole pages once, the rest with each row
        "0, 3, 5, 15",
        "1, 3, 5, 20",
        "3, 3, 5, 30",
        "4, 3, 5, 19",
        "5, 3, 5, 24",
        "8, 1, 1000, 1008",
        "9, 1, 1, 10"
    })
    void holdsWholePagesOfAPrefixOnce(int prefix, int own, int rows, int tokens) {
        List<int[]> sequences = IntStream.range(0, rows)
                .mapToObj(row -> sequence(prefix, 1000 + row, own))
                .toList();
        PrefixTree tree = PrefixTree.of(sequences, PAGE);
        assertThat(tree.tokens()).isEqualTo(tokens);
        check(tree, sequences);
    }

    @Test
    void holdsNestedPrefixesOnce() {
        int[] a = IntStream.range(0, 8).toArray();
        int[] b = IntStream.range(0, 17).toArray();
        int[] c = sequence(12, 99, 3);
        int[] d = sequence(8, 77, 2);
        List<int[]> sequences = List.of(a, b, c, d, b, a);
        PrefixTree tree = PrefixTree.of(sequences, PAGE);
        // b, what c has behind page 3 and d behind page 2; a begins b, and what comes twice is there once
        assertThat(tree.tokens()).isEqualTo(17 + 3 + 2);
        check(tree, sequences);
    }

    @Test
    void takesAlikeRowsForOneEvenWithinAPage() {
        List<int[]> sequences = List.of(new int[] {1, 2, 3}, new int[] {1, 2, 3}, new int[] {1, 2}, new int[] {1});
        PrefixTree tree = PrefixTree.of(sequences, PAGE);
        assertThat(tree.tokens()).isEqualTo(3);
        check(tree, sequences);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 64})
    void holdsAnySequences(int pageSize) {
        Random random = new Random(pageSize);
        for (int round = 0; round < 200; round++) {
            List<int[]> sequences = random(random, pageSize);
            PrefixTree tree = PrefixTree.of(sequences, pageSize);
            check(tree, sequences);
            assertThat(tree.tokens()).isEqualTo(distinctPages(sequences, pageSize));
            checkBehindHeldPages(sequences, pageSize, random);
            PrefixTree unshared = PrefixTree.unshared(sequences, pageSize);
            check(unshared, sequences);
            assertThat(unshared.tokens())
                    .isEqualTo(sequences.stream().mapToInt(row -> row.length).sum());
        }
    }

    /** Rows that branch off each other, so that prefixes are nested and some far more frequent than others. */
    private static List<int[]> random(Random random, int pageSize) {
        List<int[]> sequences = new ArrayList<>();
        int rows = 1 + random.nextInt(30);
        for (int i = 0; i < rows; i++) {
            int[] other = i == 0 ? new int[0] : sequences.get(random.nextInt(1 + random.nextInt(i)));
            int[] row = Arrays.copyOf(
                    Arrays.copyOf(other, random.nextInt(other.length + 1)), 1 + random.nextInt(5 * pageSize));
            int kept = Math.min(row.length, other.length);
            for (int t = random.nextInt(kept + 1); t < row.length; t++) {
                row[t] = random.nextInt(3);
            }
            sequences.add(row);
        }
        return sequences;
    }

    /** Each whole page counts once for each way that leads to it; what is left, once for each row that ends otherwise. */
    private static int distinctPages(List<int[]> sequences, int pageSize) {
        Set<List<Integer>> pages = new HashSet<>();
        Set<List<Integer>> rests = new HashSet<>();
        for (int[] sequence : sequences) {
            List<Integer> ids = Arrays.stream(sequence).boxed().toList();
            for (int end = pageSize; end <= ids.size(); end += pageSize) {
                pages.add(ids.subList(0, end));
            }
            if (ids.size() % pageSize != 0) {
                rests.add(ids);
            }
        }
        List<List<Integer>> all = sequences.stream()
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
        long restTokens = rests.stream()
                .filter(rest -> all.stream()
                        .noneMatch(row -> row.size() > rest.size()
                                && row.subList(0, rest.size()).equals(rest)))
                .mapToLong(rest -> rest.size() % pageSize)
                .sum();
        return Math.toIntExact(pages.size() * (long) pageSize + restTokens);
    }

    /** Every token of every sequence is found, and its node sees through its pages just what comes before it. */
    private static void check(PrefixTree tree, List<int[]> sequences) {
        int[] ids = tree.ids();
        PagedBatch pages = tree.pages();
        assertThat(ids).hasSize(tree.tokens());
        assertThat(pages.queryTokens()).isEqualTo(ids.length);
        for (int s = 0; s < sequences.size(); s++) {
            int[] sequence = sequences.get(s);
            for (int p = 0; p < sequence.length; p++) {
                int slot = tree.slot(s, p);
                assertThat(ids[slot]).isEqualTo(sequence[p]);
                int node = nodeOf(pages, slot);
                int before =
                        pages.lengths(node).kvTokens() - pages.lengths(node).queryTokens();
                assertThat(before + slot - pages.queryStart(node)).isEqualTo(p);
                for (int k = 0; k <= p; k++) {
                    int page = pages.keyTable().page(node, k / pages.pageSize());
                    assertThat(ids[pages.pageSlot(page) + k % pages.pageSize()]).isEqualTo(sequence[k]);
                }
            }
        }
    }

    /** The same where the first pages of one sequence are there already, and maybe others behind them. */
    private static void checkBehindHeldPages(List<int[]> sequences, int pageSize, Random random) {
        int[] some = sequences.get(random.nextInt(sequences.size()));
        int[] held = Arrays.copyOf(some, some.length / pageSize * pageSize);
        int slots = held.length + random.nextInt(2) * 3;
        PrefixTree tree = PrefixTree.of(sequences, pageSize, new PrefixTree.Held(held, slots));
        if (tree.tokens() == 0) {
            return;
        }
        int[] ids = tree.ids();
        PagedBatch pages = tree.pages();
        assertThat(pages.queryTokens()).isEqualTo(ids.length).isEqualTo(tree.tokens());
        int[] all = Arrays.copyOf(held, slots + ids.length);
        System.arraycopy(ids, 0, all, slots, ids.length);
        for (int s = 0; s < sequences.size(); s++) {
            int[] sequence = sequences.get(s);
            int last = sequence.length - 1;
            int row = tree.row(s, last);
            if (row < 0) {
                assertThat(tree.slot(s, last)).isEqualTo(last);
                continue;
            }
            int node = nodeOf(pages, row);
            assertThat(pages.firstPosition(node) + row - pages.queryStart(node)).isEqualTo(last);
            for (int k = 0; k <= last; k++) {
                int slot = pages.pageSlot(pages.keyTable().page(node, k / pageSize)) + k % pageSize;
                assertThat(all[slot]).isEqualTo(sequence[k]);
                assertThat(slot).isEqualTo(tree.slot(s, k));
            }
        }
    }

    private static int nodeOf(PagedBatch pages, int slot) {
        int node = 0;
        while (pages.queryStart(node + 1) <= slot) {
            node++;
        }
        return node;
    }

    private static int[] sequence(int prefix, int own, int ownTokens) {
        int[] sequence = IntStream.range(0, prefix + ownTokens).toArray();
        Arrays.fill(sequence, prefix, sequence.length, own);
        return sequence;
    }
}
