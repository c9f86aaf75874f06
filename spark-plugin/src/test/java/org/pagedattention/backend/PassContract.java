package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** What every {@link ModelBackend} must do: with rows one by one, with sequences, and with several passes. */
public abstract class PassContract extends KeptTokensContract {
    private static final int[] LENGTHS = {1, 7, 64, 2, 130, 1, 33};

    /** A tree of prefixes: rows name pages of those before them, and have fewer queries than keys. */
    @ParameterizedTest
    @CsvSource({"1, 1, 8", "4, 2, 64", "6, 1, 24"})
    void attendsKeysThatSeveralSequencesShare(int heads, int kvHeads, int dim) {
        int[][] table = {{0, 16, 32}, {0, 16, 40}, {0, 16, 40, 56, 72}, {0, 16, 32, 80}, {0, 87}};
        List<SequenceLengths> lengths = List.of(
                new SequenceLengths(40, 40),
                new SequenceLengths(11, 43),
                new SequenceLengths(29, 80),
                new SequenceLengths(7, 55),
                new SequenceLengths(1, 17));
        PageTable pageTable = new PageTable(table);
        PagedBatch pages = PagedBatch.of(PageLayout.PACKED, 16, lengths, pageTable, pageTable, 88 + 15);
        Random random = new Random(dim);
        Matrix k = Matrix.random(random, 88, kvHeads * dim);
        Matrix v = Matrix.random(random, 88, kvHeads * dim);
        Matrix q = Matrix.random(random, 88, heads * dim);
        for (Mask mask :
                List.of(Mask.causalBottomRight(), Mask.causalBottomRight().withWindow(9), Mask.none())) {
            AttentionSpec spec = new AttentionSpec(
                    heads, kvHeads, dim, dim, ElementType.FP32, mask, AttentionSpec.defaultScale(dim));
            double[] expected = new double[q.values().length];
            for (int s = 0; s < pages.sequences(); s++) {
                double[] o = ReferenceAttention.attend(
                                spec,
                                q.rows(pages.queryStart(s), pages.queryStart(s + 1))
                                        .values(),
                                keysOf(pages, s, k),
                                keysOf(pages, s, v))
                        .o();
                System.arraycopy(o, 0, expected, pages.queryStart(s) * heads * dim, o.length);
            }
            try (Pass pass = backend.begin(pages)) {
                Tensor o = pass.attend(spec, upload(pass, q), upload(pass, k), upload(pass, v));
                check(pass, o, new Matrix(88, heads * dim, expected));
                assertThatThrownBy(
                                () -> pass.attend(spec, upload(pass, q), upload(pass, k.rows(0, 87)), upload(pass, v)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("88 token slots");
            }
        }
    }

    private static double[] keysOf(PagedBatch pages, int sequence, Matrix slots) {
        return IntStream.range(0, pages.lengths(sequence).kvTokens())
                .map(t -> pages.keyTable().page(sequence, t / 16) + t % 16)
                .mapToObj(slot -> slots.rows(slot, slot + 1).values())
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 8", "2, 2, 16", "12, 12, 32", "4, 2, 64", "6, 1, 24"})
    void attendsEachSequenceToItself(int heads, int kvHeads, int dim) {
        for (Mask mask : List.of(Mask.none(), Mask.causal(), Mask.causal().withWindow(5))) {
            AttentionSpec spec = new AttentionSpec(
                    heads, kvHeads, dim, dim, ElementType.FP32, mask, AttentionSpec.defaultScale(dim));
            checkAttention(spec, new Random(heads + dim));
        }
    }

    private void checkAttention(AttentionSpec spec, Random random) {
        PagedBatch pages = pages(LENGTHS);
        Matrix q = Matrix.random(random, pages.queryTokens(), spec.queryElements());
        Matrix k = Matrix.random(random, pages.queryTokens(), spec.keyElements());
        Matrix v = Matrix.random(random, pages.queryTokens(), spec.valueElements());
        try (Pass pass = backend.begin(pages)) {
            Tensor o = pass.attend(spec, upload(pass, q), upload(pass, k), upload(pass, v));
            double[] expected = new double[pages.queryTokens() * spec.outputElements()];
            for (int s = 0; s < pages.sequences(); s++) {
                int from = pages.queryStart(s);
                int to = pages.queryStart(s + 1);
                ReferenceAttention.Result result = ReferenceAttention.attend(
                        spec,
                        q.rows(from, to).floats(),
                        k.rows(from, to).floats(),
                        v.rows(from, to).floats());
                System.arraycopy(result.o(), 0, expected, from * spec.outputElements(), result.o().length);
            }
            check(pass, o, new Matrix(pages.queryTokens(), spec.outputElements(), expected));
        }
    }

    @ParameterizedTest
    @EnumSource(SequencePooling.class)
    void pools(SequencePooling pooling) {
        PagedBatch pages = pages(LENGTHS);
        Matrix x = Matrix.random(new Random(3), pages.queryTokens(), 33);
        try (Pass pass = backend.begin(pages)) {
            Tensor input = upload(pass, x);
            for (int skipped : new int[] {0, 1, 5}) {
                double[] expected = IntStream.range(0, pages.sequences())
                        .mapToObj(s -> x.rows(pages.queryStart(s), pages.queryStart(s + 1)))
                        .map(rows -> rows.rows() <= skipped ? new double[33] : rows.pooled(pooling, skipped))
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
                check(pass, pass.pool(pooling, input, skipped), new Matrix(pages.sequences(), 33, expected));
            }
        }
    }

    /** As the projections of a layer come: side by side. */
    @Test
    void attendsColumns() {
        PagedBatch pages = pages(LENGTHS);
        AttentionSpec spec =
                new AttentionSpec(4, 2, 16, 16, ElementType.FP32, Mask.none(), AttentionSpec.defaultScale(16));
        Matrix all = Matrix.random(new Random(15), pages.queryTokens(), 128);
        Matrix identity = new Matrix(128, 128, new double[128 * 128]);
        for (int i = 0; i < 128; i++) {
            identity.values()[i * 128 + i] = 1;
        }
        try (Pass pass = backend.begin(pages);
                Weight w = hold(identity)) {
            Tensor projected = pass.linear(upload(pass, all), w, null);
            Tensor apart = pass.attend(
                    spec,
                    upload(pass, columns(all, 0, 64)),
                    upload(pass, columns(all, 64, 32)),
                    upload(pass, columns(all, 96, 32)));
            Tensor beside = pass.attend(
                    spec,
                    pass.columns(projected, 0, 64),
                    pass.columns(projected, 64, 32),
                    pass.columns(projected, 96, 32));
            float[] expected = pass.read(apart).array();
            float[] actual = pass.read(beside).array();
            for (int i = 0; i < actual.length; i++) {
                assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance()));
            }
        }
    }

    @Test
    void keepsWhatAScopeReturns() {
        Matrix x = Matrix.random(new Random(5), 20, 8);
        try (Pass pass = backend.begin(pages(20))) {
            Tensor input = upload(pass, x);
            Tensor sum = pass.scope(() -> {
                Tensor twice = pass.add(input, input);
                Tensor threefold = pass.scope(() -> pass.add(twice, input));
                return pass.add(threefold, twice);
            });
            for (int i = 0; i < 4; i++) {
                pass.add(input, input);
            }
            check(pass, sum, x.map(v -> 5 * v));
            assertThat(pass.scope(() -> input)).isSameAs(input);
            check(pass, input, x);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Matrix x = Matrix.random(new Random(8), 4, 8);
        try (Pass pass = backend.begin(pages(4));
                Weight w = hold(Matrix.random(new Random(9), 3, 7))) {
            Tensor input = upload(pass, x);
            assertThatThrownBy(() -> pass.linear(input, w, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[4, 8]")
                    .hasMessageContaining("7 columns");
            assertThatThrownBy(() -> backend.hold(ElementType.FP32, Shape.of(5, 5), x.bytes()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[5, 5]");
        }
    }

    /** The heart of the row contract: a sequence gets the same bits whatever else is in its batch. */
    @Test
    void givesARowTheSameBitsWhereverItLies() {
        float[] alone = layerOf(new int[] {19}, 0);
        for (int[] others : List.of(new int[] {19, 19, 5}, new int[] {300, 1, 19}, new int[] {47, 2, 19, 64, 19})) {
            for (int s = 0; s < others.length; s++) {
                if (others[s] == 19) {
                    assertSame(layerOf(others, s), alone);
                }
            }
        }
    }

    /** The same bits, on a backend that promises them. */
    protected void assertSame(float[] actual, float[] expected) {
        assertThat(actual).isEqualTo(expected);
    }

    /** A layer's operations over a batch in which one sequence is always the same; returns what that one gets. */
    private float[] layerOf(int[] lengths, int sequence) {
        PagedBatch pages = pages(lengths);
        Matrix x = Matrix.random(new Random(lengths.length), pages.queryTokens(), 96);
        Matrix same = Matrix.random(new Random(10), lengths[sequence], 96);
        System.arraycopy(same.values(), 0, x.values(), pages.queryStart(sequence) * 96, same.values().length);
        AttentionSpec spec =
                new AttentionSpec(3, 3, 32, 32, ElementType.FP32, Mask.none(), AttentionSpec.defaultScale(32));
        try (Pass pass = backend.begin(pages);
                Weight w = hold(Matrix.random(new Random(11), 96, 96));
                Weight g = holdVector(Matrix.random(new Random(12), 1, 96))) {
            Tensor input = upload(pass, x);
            Tensor attended = pass.attend(spec, pass.linear(input, w, g), input, pass.linear(input, w, null));
            Tensor y = pass.linear(attended, w, g, Activation.GELU, input);
            Tensor normed = pass.norm(new Norm(Norm.Kind.LAYER, g, g, 1e-12f), y);
            Tensor rows = pass.normalize(pass.linear(pass.pool(SequencePooling.MEAN, normed, 0), w, g));
            float[] all = pass.read(rows).array();
            return Arrays.copyOfRange(all, sequence * 96, sequence * 96 + 96);
        }
    }

    @Test
    void servesSeveralThreads() throws Exception {
        float[] alone = layerOf(new int[] {300, 1, 19}, 2);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<float[]>> runs = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                runs.add(threads.submit(() -> layerOf(new int[] {300, 1, 19}, 2)));
            }
            for (Future<float[]> run : runs) {
                assertSame(run.get(), alone);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
