package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What every {@link ModelBackend} must do with keys and values that passes leave to later ones. */
public abstract class KeptTokensContract extends RowOperationsContract {
    private static final int LAYERS = 2;

    /** Pages of 16 slots, each of which a sequence names by its first slot. */
    private static PagedBatch pages(int slots, int[][] table, SequenceLengths... lengths) {
        PageTable pages = new PageTable(table);
        return PagedBatch.of(PageLayout.PACKED, 16, List.of(lengths), pages, pages, slots + 15);
    }

    private static AttentionSpec spec(int heads, int kvHeads, int dim) {
        Mask mask = Mask.causalBottomRight();
        return new AttentionSpec(heads, kvHeads, dim, dim, ElementType.FP32, mask, AttentionSpec.defaultScale(dim));
    }

    /** Queries, keys and values of some tokens at every layer. */
    private record Tokens(List<Matrix> q, List<Matrix> k, List<Matrix> v) {

        static Tokens random(Random random, AttentionSpec spec, int count) {
            return new Tokens(
                    layers(random, count, spec.queryElements()),
                    layers(random, count, spec.keyElements()),
                    layers(random, count, spec.valueElements()));
        }

        private static List<Matrix> layers(Random random, int rows, int columns) {
            return IntStream.range(0, LAYERS)
                    .mapToObj(layer -> Matrix.random(random, rows, columns))
                    .toList();
        }

        /** Some tokens, in any order. */
        Tokens at(int... tokens) {
            return new Tokens(at(q, tokens), at(k, tokens), at(v, tokens));
        }

        private static List<Matrix> at(List<Matrix> layers, int[] tokens) {
            return layers.stream()
                    .map(x -> new Matrix(
                            tokens.length,
                            x.columns(),
                            Arrays.stream(tokens)
                                    .mapToObj(token -> x.rows(token, token + 1).values())
                                    .flatMapToDouble(Arrays::stream)
                                    .toArray()))
                    .toList();
        }
    }

    private static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    /** What the last tokens of a sequence get, one matrix a layer. */
    private static List<Matrix> attended(AttentionSpec spec, Tokens all, int[] sequence, int queries) {
        Tokens keys = all.at(sequence);
        int from = sequence.length - queries;
        List<Matrix> layers = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            Matrix q = keys.q.get(i).rows(from, sequence.length);
            double[] o = ReferenceAttention.attend(
                            spec,
                            q.values(),
                            keys.k.get(i).values(),
                            keys.v.get(i).values())
                    .o();
            layers.add(new Matrix(queries, spec.outputElements(), o));
        }
        return layers;
    }

    private static Matrix below(Matrix first, Matrix second) {
        double[] both = Arrays.copyOf(first.values(), first.values().length + second.values().length);
        System.arraycopy(second.values(), 0, both, first.values().length, second.values().length);
        return new Matrix(first.rows() + second.rows(), first.columns(), both);
    }

    /** Attends at every layer; what is computed is read at the end, as that of a model is. */
    private void run(Pass pass, AttentionSpec spec, Tokens own, List<List<Matrix>> sequences) {
        Tensor sum = null;
        Matrix expected = null;
        for (int i = 0; i < LAYERS; i++) {
            Tensor o = pass.attend(
                    spec, upload(pass, own.q.get(i)), upload(pass, own.k.get(i)), upload(pass, own.v.get(i)));
            int layer = i;
            Matrix wanted = sequences.stream()
                    .map(of -> of.get(layer))
                    .reduce(KeptTokensContract::below)
                    .orElseThrow();
            sum = sum == null ? o : pass.add(sum, o);
            expected = expected == null ? wanted : expected.plus(wanted);
        }
        pass.start(sum);
        check(pass, sum, expected);
    }

    /** Sequences go on behind tokens of one before them, and leave both those and their own to the next. */
    @ParameterizedTest
    @CsvSource({"1, 1, 8", "4, 2, 64", "6, 1, 24"})
    void goesOnBehindTokensThatAnEarlierPassLeft(int heads, int kvHeads, int dim) {
        AttentionSpec spec = spec(heads, kvHeads, dim);
        Tokens all = Tokens.random(new Random(heads), spec, 100);
        // 0 to 39 and 40 to 47 are two sequences; the second one and the first of the first are left, in this order
        int[] left = concat(range(40, 48), range(0, 8));
        PagedBatch first =
                pages(48, new int[][] {{0, 16, 32}, {40}}, new SequenceLengths(40, 40), new SequenceLengths(8, 8));
        PagedBatch second =
                pages(35, new int[][] {{0, 16}, {30}}, new SequenceLengths(14, 30), new SequenceLengths(5, 5));
        PagedBatch third = pages(32, new int[][] {{0, 16}}, new SequenceLengths(6, 32));
        try (Pass pass = backend.begin(first)) {
            KeptTokens kept = pass.keep(left);
            run(
                    pass,
                    spec,
                    all.at(range(0, 48)),
                    List.of(attended(spec, all, range(0, 40), 40), attended(spec, all, range(40, 48), 8)));
            assertThat(kept.tokens()).isEqualTo(16);
            int[] longer = concat(left, range(50, 64));
            try (Pass behind = backend.begin(second, kept)) {
                KeptTokens more = behind.keep(range(0, 26));
                run(
                        behind,
                        spec,
                        all.at(concat(range(50, 64), range(70, 75))),
                        List.of(attended(spec, all, longer, 14), attended(spec, all, range(70, 75), 5)));
                assertThat(more.tokens()).isEqualTo(26);
                int[] longest = concat(Arrays.copyOf(longer, 26), range(80, 86));
                try (Pass last = backend.begin(third, more)) {
                    run(last, spec, all.at(range(80, 86)), List.of(attended(spec, all, longest, 6)));
                }
                more.close();
                more.close();
                assertThat(more.tokens()).isZero();
            }
            // any number of passes may go on behind the same tokens
            try (Pass behind = backend.begin(second, kept)) {
                run(
                        behind,
                        spec,
                        all.at(concat(range(50, 64), range(70, 75))),
                        List.of(attended(spec, all, longer, 14), attended(spec, all, range(70, 75), 5)));
            }
            kept.close();
        }
    }

    @Test
    void refusesTablesThatNameMoreThanWasLeft() {
        AttentionSpec spec = spec(2, 2, 16);
        Tokens all = Tokens.random(new Random(7), spec, 32);
        try (Pass pass = backend.begin(pages(16, new int[][] {{0}}, new SequenceLengths(16, 16)))) {
            KeptTokens kept = pass.keep(range(0, 16));
            run(pass, spec, all.at(range(0, 16)), List.of(attended(spec, all, range(0, 16), 16)));
            PagedBatch pages = pages(32, new int[][] {{0, 16}}, new SequenceLengths(16, 32));
            try (Pass behind = backend.begin(pages, kept)) {
                Tokens few = all.at(range(16, 31));
                assertThatThrownBy(() -> behind.attend(
                                spec,
                                upload(behind, all.at(range(16, 32)).q.get(0)),
                                upload(behind, few.k.get(0)),
                                upload(behind, few.v.get(0))))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("32 token slots");
            }
            kept.close();
        }
    }
}
