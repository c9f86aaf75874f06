package org.pagedattention.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixPassesTest {
    private static final int PAGE = 4;
    private static final int MANY = 1000;

    @Test
    void bringsTogetherWhatBeginsAlike() {
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(row(i % 4, 16, i));
        }
        List<int[]> passes = PrefixPasses.sharing(rows, PAGE, 30, 1000, MANY);
        assertThat(passes).hasSize(4);
        for (int[] pass : passes) {
            assertThat(Arrays.stream(pass).map(i -> i % 4).distinct().count()).isEqualTo(1);
            assertThat(pass).hasSize(10);
        }
    }

    /** A prefix of most of a pass is computed again only where the pass would not fit any more. */
    @Test
    void endsAPassWithinAGroupOnlyWhereItPays() {
        List<int[]> rows = IntStream.range(0, 200).mapToObj(i -> row(0, 16, i)).toList();
        // 16 + n: beyond 8 * 16 tokens the prefix is worth repeating
        List<int[]> passes = PrefixPasses.sharing(rows, PAGE, 20, 100_000, MANY);
        assertThat(passes.get(0).length).isBetween(8 * 16 - 17, 8 * 16 - 15);
        assertThat(PrefixPasses.sharing(rows, PAGE, 20, 26, MANY).get(0)).hasSize(10);
    }

    @Test
    void endsAPassThatHasManySequences() {
        List<int[]> rows = IntStream.range(0, 20).mapToObj(i -> row(0, 16, i)).toList();
        assertThat(PrefixPasses.sharing(rows, PAGE, 1000, 1000, 7))
                .extracting(pass -> pass.length)
                .containsExactly(7, 7, 6);
        assertThat(PrefixPasses.unshared(rows, 1000, 7))
                .extracting(pass -> pass.length)
                .containsExactly(7, 7, 6);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 30, 100_000})
    void hasEverySequenceOnceAndNoPassTooLarge(long most) {
        Random random = new Random(most);
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(row(random.nextInt(3), 1 + random.nextInt(20), random.nextInt(3)));
        }
        for (List<int[]> passes : List.of(
                PrefixPasses.sharing(rows, PAGE, Math.max(1, most / 2), most, MANY),
                PrefixPasses.unshared(rows, most, MANY))) {
            assertThat(passes.stream().flatMapToInt(Arrays::stream).sorted())
                    .containsExactlyElementsOf(IntStream.range(0, 300).boxed().toList());
        }
        for (int[] pass : PrefixPasses.sharing(rows, PAGE, Math.max(1, most / 2), most, MANY)) {
            List<int[]> own = Arrays.stream(pass).mapToObj(rows::get).toList();
            assertThat(pass.length == 1 || PrefixTree.of(own, PAGE).tokens() <= most)
                    .isTrue();
        }
        for (int[] pass : PrefixPasses.unshared(rows, most, MANY)) {
            assertThat(pass.length == 1
                            || Arrays.stream(pass)
                                            .mapToObj(rows::get)
                                            .mapToInt(row -> row.length)
                                            .sum()
                                    <= most)
                    .isTrue();
        }
    }

    /** {@code prefix} tokens that depend on {@code kind}, then one. */
    private static int[] row(int kind, int prefix, int last) {
        int[] row = IntStream.range(0, prefix + 1).map(i -> 100 * kind + i).toArray();
        row[prefix] = 10_000 + last;
        return row;
    }
}
