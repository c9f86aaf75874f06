package org.pagedattention.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixPassesTest {
    private static final int PAGE = 4;
    private static final int MANY = 1000;

    @Test
    void bringsTogetherWhatBeginsAlike() {
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(row(i % 4, 16, i));
        }
        List<PlannedPass> passes = all(sharing(rows, 30, 1000, MANY), rows, false);
        assertThat(passes).hasSize(4);
        for (PlannedPass pass : passes) {
            assertThat(Arrays.stream(pass.sequences())
                            .map(i -> i % 4)
                            .distinct()
                            .count())
                    .isEqualTo(1);
            assertThat(pass.sequences()).hasSize(10);
        }
    }

    /** A prefix of most of a pass is computed again only where the pass would not fit any more. */
    @Test
    void endsAPassWithinAGroupOnlyWhereItPays() {
        List<int[]> rows = IntStream.range(0, 200).mapToObj(i -> row(0, 16, i)).toList();
        // 16 + n: beyond 8 * 16 tokens the prefix is worth repeating
        List<PlannedPass> passes = all(sharing(rows, 20, 100_000, MANY), rows, false);
        assertThat(passes.get(0).sequences().length).isBetween(8 * 16 - 17, 8 * 16 - 15);
        assertThat(all(sharing(rows, 20, 26, MANY), rows, false).get(0).sequences())
                .hasSize(10);
    }

    /** What is kept costs nothing again: passes are of usual size, and only the first computes the prefix. */
    @Test
    void goesOnBehindWhatIsKept() {
        List<int[]> rows = IntStream.range(0, 200).mapToObj(i -> row(0, 16, i)).toList();
        List<PlannedPass> passes = all(sharing(rows, 20, 100_000, MANY), rows, true);
        assertThat(passes).hasSize(1 + (200 - 4) / 20 + 1);
        assertThat(passes).extracting(PlannedPass::keep).containsOnly(16);
        assertThat(passes.get(0).held()).isZero();
        assertThat(passes.subList(1, passes.size()))
                .extracting(PlannedPass::held)
                .containsOnly(16);
    }

    @Test
    void keepsNothingThatIsSoonComputedAgain() {
        List<int[]> rows = IntStream.range(0, 200).mapToObj(i -> row(0, 16, i)).toList();
        assertThat(all(sharing(rows, 16 * 16, 1000, 100), rows, true))
                .extracting(PlannedPass::keep)
                .contains(16);
        assertThat(all(sharing(rows, 16 * 16 + 1, 1000, 100), rows, true))
                .extracting(PlannedPass::keep)
                .containsOnly(0);
    }

    /** A token that is asked for must be computed, so pages that hold it are, whoever has kept them. */
    @Test
    void goesBehindNoTokenThatIsAskedFor() {
        List<int[]> rows = IntStream.range(0, 9).mapToObj(i -> row(0, 16, i)).toList();
        int[] needed = {16, 16, 15, 7, 16, 3, 0, 16, 16};
        PrefixPasses passes = PrefixPasses.sharing(rows, new PrefixPasses.Limits(needed, PAGE, 18, 18, MANY));
        for (PlannedPass pass : all(passes, rows, true)) {
            for (int sequence : pass.sequences()) {
                assertThat(pass.held()).isLessThanOrEqualTo(needed[sequence]);
            }
        }
    }

    @Test
    void beginsWithRowsThatGoOnBehindWhatIsLeft() {
        List<int[]> rows =
                IntStream.range(0, 20).mapToObj(i -> row(i / 5, 16, i)).toList();
        PlannedPass first = sharing(rows, 20, 20, MANY).next(Arrays.copyOf(rows.get(10), 8), true);
        assertThat(first).isNotNull();
        assertThat(first.held()).isEqualTo(8);
        assertThat(Arrays.stream(first.sequences())).allMatch(i -> i / 5 == 2);
    }

    @ParameterizedTest
    @CsvSource({"false, 0", "true, 0", "false, 33", "true, 33"})
    void cutsALongRowIntoChunks(boolean shares, int needed) {
        List<int[]> rows = List.of(row(0, 49, 1), row(1, 5, 2));
        PrefixPasses.Limits limits = new PrefixPasses.Limits(new int[] {needed, 0}, PAGE, 13, 20, MANY);
        List<PlannedPass> passes =
                all(shares ? PrefixPasses.sharing(rows, limits) : PrefixPasses.unshared(rows, limits), rows, true);
        assertThat(passes).extracting(PlannedPass::held).startsWith(0, 12, 24, 36);
        assertThat(passes).extracting(PlannedPass::keep).startsWith(12, 24, 36);
        assertThat(passes.get(0).end(50)).isEqualTo(12);
        assertThat(passes.get(3).end(50)).isEqualTo(50);
        assertThat(passes.get(3).from()).isEqualTo(36);
        assertThat(all(sharing(rows, 13, 20, MANY), rows, false).get(0).end(50)).isEqualTo(50);
    }

    @Test
    void endsAPassThatHasManySequences() {
        List<int[]> rows = IntStream.range(0, 20).mapToObj(i -> row(0, 16, i)).toList();
        assertThat(all(sharing(rows, 1000, 1000, 7), rows, false))
                .extracting(pass -> pass.sequences().length)
                .containsExactly(7, 7, 6);
        assertThat(all(PrefixPasses.unshared(rows, limits(rows, 1000, 1000, 7)), rows, false))
                .extracting(pass -> pass.sequences().length)
                .containsExactly(7, 7, 6);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "7, true", "30, true", "100000, true", "1, false", "7, false", "30, false", "100000, false"})
    void hasEverySequenceOnceAndNoPassTooLarge(long most, boolean keeps) {
        Random random = new Random(most);
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(row(random.nextInt(3), 1 + random.nextInt(20), random.nextInt(3)));
        }
        long usual = Math.max(1, most / 2);
        for (boolean shares : new boolean[] {true, false}) {
            PrefixPasses.Limits limits = limits(rows, usual, most, MANY);
            PrefixPasses passes = shares ? PrefixPasses.sharing(rows, limits) : PrefixPasses.unshared(rows, limits);
            List<PlannedPass> all = all(passes, rows, keeps);
            assertThat(all.stream()
                            .filter(pass -> pass.end() == Integer.MAX_VALUE)
                            .flatMapToInt(pass -> Arrays.stream(pass.sequences()))
                            .sorted())
                    .containsExactlyElementsOf(IntStream.range(0, 300).boxed().toList());
            for (PlannedPass pass : all) {
                assertThat(pass.sequences().length == 1 || tokens(pass, rows, shares) <= most)
                        .isTrue();
            }
        }
    }

    private static int tokens(PlannedPass pass, List<int[]> rows, boolean shares) {
        List<int[]> own = Arrays.stream(pass.sequences()).mapToObj(rows::get).toList();
        int[] held = Arrays.copyOf(own.get(0), pass.held());
        return shares
                ? PrefixTree.of(own, PAGE, new PrefixTree.Held(held, held.length))
                        .tokens()
                : own.stream().mapToInt(row -> row.length).sum() - pass.held();
    }

    /** All passes, of which each leaves what it is asked to, or nothing. */
    private static List<PlannedPass> all(PrefixPasses passes, List<int[]> rows, boolean keeps) {
        List<PlannedPass> all = new ArrayList<>();
        int[] past = {};
        for (PlannedPass pass = passes.next(past, keeps); pass != null; pass = passes.next(past, keeps)) {
            all.add(pass);
            past = keeps ? Arrays.copyOf(rows.get(pass.last()), pass.keep()) : past;
        }
        assertThat(passes.hasNext()).isFalse();
        return all;
    }

    private static PrefixPasses sharing(List<int[]> rows, long usual, long most, int mostSequences) {
        return PrefixPasses.sharing(rows, limits(rows, usual, most, mostSequences));
    }

    /** The last token of each row is asked for. */
    private static PrefixPasses.Limits limits(List<int[]> rows, long usual, long most, int mostSequences) {
        int[] needed = rows.stream().mapToInt(row -> row.length - 1).toArray();
        return new PrefixPasses.Limits(needed, PAGE, usual, most, mostSequences);
    }

    /** {@code prefix} tokens that depend on {@code kind}, then one. */
    private static int[] row(int kind, int prefix, int last) {
        int[] row = IntStream.range(0, prefix + 1).map(i -> 100 * kind + i).toArray();
        row[prefix] = 10_000 + last;
        return row;
    }

    @Test
    void countsWhatSequencesBeginWithInWholePagesOnce() {
        List<int[]> sequences = List.of(
                new int[] {1, 2, 3, 4, 5},
                new int[] {1, 2, 3, 9},
                new int[] {7},
                new int[] {1, 2, 3, 4, 5},
                new int[0]);
        assertThat(PrefixPasses.distinct(sequences, 2)).isEqualTo(15 - 4 - 2);
        assertThat(PrefixPasses.distinct(sequences, 1)).isEqualTo(15 - 5 - 3);
        assertThat(PrefixPasses.distinct(List.of(), 64)).isZero();
    }
}
