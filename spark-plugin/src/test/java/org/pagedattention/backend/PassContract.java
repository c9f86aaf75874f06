package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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

/** What every {@link ModelBackend} must do; {@link Matrix} is the judge. */
public abstract class PassContract {
    private static final int[] LENGTHS = {1, 7, 64, 2, 130, 1, 33};

    private ModelBackend backend;

    /** A backend to test; closed after each test. */
    protected abstract ModelBackend create();

    /** Largest error, as a part of the largest number of a result. */
    protected double tolerance() {
        return 5e-6;
    }

    @BeforeEach
    void open() {
        backend = create();
    }

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 384, 3",
        "5, 32, 48",
        "48, 17, 65",
        "49, 100, 30",
        "97, 384, 384",
        "200, 64, 1536",
        "31, 3072, 40"
    })
    void multiplies(int rows, int in, int out) {
        Random random = new Random(rows + in);
        Matrix x = Matrix.random(random, rows, in);
        Matrix weight = Matrix.random(random, out, in);
        Matrix bias = Matrix.random(random, 1, out);
        Matrix residual = Matrix.random(random, rows, out);
        try (Pass pass = backend.begin(pages(rows));
                Weight w = hold(weight);
                Weight b = holdVector(bias)) {
            Tensor input = upload(pass, x);
            check(pass, pass.linear(input, w, null), x.times(weight, null));
            check(pass, pass.linear(input, w, b), x.times(weight, bias));
            Tensor all = pass.linear(input, w, b, Activation.RELU, upload(pass, residual));
            check(pass, all, x.times(weight, bias).map(Activation.RELU::of).plus(residual));
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activates(Activation activation) {
        double[] values = IntStream.rangeClosed(-1200, 1200)
                .mapToDouble(i -> (float) (i / 100.0))
                .toArray();
        Matrix x = new Matrix(values.length, 1, values);
        Matrix one = new Matrix(1, 1, new double[] {1});
        try (Pass pass = backend.begin(pages(values.length));
                Weight w = hold(one)) {
            Tensor y = pass.linear(upload(pass, x), w, null, activation, null);
            Matrix expected = x.map(activation::of);
            float[] actual = pass.read(y).array();
            for (int i = 0; i < actual.length; i++) {
                double least = Math.max(1, Math.abs(expected.values()[i]));
                assertThat((double) actual[i])
                        .as("%s(%s)", activation, values[i])
                        .isCloseTo(expected.values()[i], within(activationTolerance() * least));
            }
        }
    }

    /** Largest error of an activation, relative to the larger of 1 and its value. */
    protected double activationTolerance() {
        return 1e-6;
    }

    /** Whether rows of so many columns can be normalised; the others are refused. */
    protected boolean norms(int columns) {
        return true;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 2", "5, 31", "70, 384", "2, 1024"})
    void normsRows(int rows, int columns) {
        Random random = new Random(columns);
        Matrix x = Matrix.random(random, rows, columns).map(v -> 3 * v + 2).map(v -> (float) v);
        Matrix gain = Matrix.random(random, 1, columns);
        Matrix bias = Matrix.random(random, 1, columns);
        try (Pass pass = backend.begin(pages(rows));
                Weight g = holdVector(gain);
                Weight b = holdVector(bias)) {
            Tensor input = upload(pass, x);
            Norm layer = new Norm(Norm.Kind.LAYER, g, b, 1e-5f);
            if (!norms(columns)) {
                assertThatThrownBy(() -> pass.norm(layer, input))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not of " + columns);
                return;
            }
            check(pass, pass.norm(layer, input), x.normed(Norm.Kind.LAYER, gain, bias, 1e-5f));
            Norm plain = new Norm(Norm.Kind.LAYER, g, null, 1e-5f);
            check(pass, pass.norm(plain, input), x.normed(Norm.Kind.LAYER, gain, null, 1e-5f));
            Norm rms = new Norm(Norm.Kind.RMS, g, null, 1e-6f);
            check(pass, pass.norm(rms, input), x.normed(Norm.Kind.RMS, gain, null, 1e-6f));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2", "3, 4, 8", "70, 3, 64", "50, 16, 128"})
    void normsGroupsOfColumns(int rows, int groups, int columns) {
        Random random = new Random(columns);
        Matrix x = Matrix.random(random, rows, groups * columns);
        Matrix gain = Matrix.random(random, 1, columns);
        try (Pass pass = backend.begin(pages(rows));
                Weight g = holdVector(gain)) {
            Norm norm = new Norm(Norm.Kind.RMS, g, null, 1e-6f);
            if (!norms(columns)) {
                Tensor input = upload(pass, x);
                assertThatThrownBy(() -> pass.norm(norm, input))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not of " + columns);
                return;
            }
            Tensor y = pass.norm(norm, upload(pass, x));
            Matrix grouped = new Matrix(rows * groups, columns, x.values());
            Matrix normed = grouped.normed(Norm.Kind.RMS, gain, null, 1e-6f);
            check(pass, y, new Matrix(rows, groups * columns, normed.values()));
            assertThatThrownBy(() -> pass.norm(
                            new Norm(Norm.Kind.RMS, g, null, 1e-6f),
                            upload(pass, Matrix.random(random, rows, columns + 1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no multiple of " + columns);
        }
    }

    /** Whether heads of so many numbers can be turned; the others are refused. */
    protected boolean turns(int headDim) {
        return true;
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 8", "3, 64", "8, 128"})
    void turnsHeadsByTheirPositions(int heads, int dim) {
        float[] inverse = new float[dim / 2];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = (float) Math.pow(10_000, -2.0 * i / dim);
        }
        Rotary rotary = new Rotary(dim, inverse, 1.25f);
        PagedBatch pages = PagedBatch.plan(
                PageLayout.PACKED,
                64,
                List.of(new SequenceLengths(5, 5), new SequenceLengths(3, 700), new SequenceLengths(60, 61)));
        Matrix x = Matrix.random(new Random(dim), pages.queryTokens(), heads * dim);
        try (Pass pass = backend.begin(pages)) {
            Tensor input = upload(pass, x);
            if (!turns(dim)) {
                assertThatThrownBy(() -> pass.rope(input, rotary))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not of " + dim);
                return;
            }
            Matrix expected = Matrix.random(new Random(0), x.rows(), x.columns());
            for (int s = 0; s < pages.sequences(); s++) {
                for (int t = pages.queryStart(s); t < pages.queryStart(s + 1); t++) {
                    turn(x, expected, rotary, t, pages.firstPosition(s) + t - pages.queryStart(s));
                }
            }
            check(pass, pass.rope(input, rotary), expected);
        }
    }

    private static void turn(Matrix x, Matrix turned, Rotary rotary, int row, int position) {
        int half = rotary.headDim() / 2;
        for (int c = 0; c < x.columns(); c++) {
            float angle = position * rotary.inverseFrequencies()[c % half];
            double other = c % rotary.headDim() < half ? -x.at(row, c + half) : x.at(row, c - half);
            turned.values()[row * x.columns() + c] =
                    rotary.scale() * (x.at(row, c) * Math.cos(angle) + other * Math.sin(angle));
        }
    }

    @Test
    void picksRows() {
        Matrix x = Matrix.random(new Random(20), 70, 9);
        int[] rows = {3, 69, 0, 3, 12};
        try (Pass pass = backend.begin(pages(70))) {
            double[] expected = IntStream.of(rows)
                    .mapToObj(r -> x.rows(r, r + 1).values())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            Tensor input = upload(pass, x);
            check(pass, pass.rows(input, rows), new Matrix(5, 9, expected));
            assertThatThrownBy(() -> pass.rows(input, new int[] {1, 70}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("row 70 is not from 0 to 69");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "3, 8, 96, 1", "50, 64, 1000, 0.1", "100, 33, 1025, 1", "7, 64, 5003, 3", "5, 16, 70, 40"
    })
    void findsHowProbableTargetsAre(int rows, int in, int vocabulary, double size) {
        Random random = new Random(vocabulary);
        Matrix x = Matrix.random(random, rows, in).map(v -> (float) (v * size));
        Matrix head = Matrix.random(random, vocabulary, in);
        double[] logits = x.times(head, null).values();
        int[] targets = new int[rows];
        double[] expected = new double[2 * rows];
        for (int r = 0; r < rows; r++) {
            double[] row = Arrays.copyOfRange(logits, r * vocabulary, (r + 1) * vocabulary);
            double most = Arrays.stream(row).max().orElseThrow();
            int best = IntStream.range(0, vocabulary)
                    .filter(i -> row[i] == most)
                    .findFirst()
                    .orElseThrow();
            targets[r] = r % 2 == 0 ? best : random.nextInt(vocabulary);
            double sum = Arrays.stream(row).map(v -> Math.exp(v - most)).sum();
            expected[2 * r] = row[targets[r]] - most - Math.log(sum);
            expected[2 * r + 1] = targets[r] == best ? 1 : 0;
        }
        try (Pass pass = backend.begin(pages(rows));
                Weight w = hold(head)) {
            check(pass, pass.logProbs(upload(pass, x), w, targets), new Matrix(rows, 2, expected));
        }
    }

    @Test
    void takesTheFirstOfEqualLogitsForTheLargest() {
        Matrix x = Matrix.random(new Random(21), 2100, 16);
        Matrix row = Matrix.random(new Random(22), 1, 16);
        Matrix head = x.rows(0, 2100);
        for (int same : new int[] {5, 40, 1500, 2099}) {
            System.arraycopy(row.map(v -> 4 * v).values(), 0, head.values(), same * 16, 16);
        }
        try (Pass pass = backend.begin(pages(4));
                Weight w = hold(head)) {
            Tensor four = pass.rows(upload(pass, row), new int[4]);
            float[] made = pass.read(pass.logProbs(four, w, new int[] {40, 5, 2099, 6}))
                    .array();
            assertThat(new float[] {made[1], made[3], made[5], made[7]}).containsExactly(0, 1, 0, 0);
            assertThat(made[0]).isEqualTo(made[2]).isEqualTo(made[4]);
            assertThatThrownBy(() -> pass.logProbs(four, w, new int[] {0, 1, 2, 2100}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("target 2100 is not from 0 to 2099");
            assertThatThrownBy(() -> pass.logProbs(four, w, new int[3]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3 targets");
        }
    }

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

    @Test
    void addsAndGates() {
        Matrix a = Matrix.random(new Random(1), 50, 37);
        Matrix b = Matrix.random(new Random(2), 50, 37);
        try (Pass pass = backend.begin(pages(50))) {
            check(pass, pass.add(upload(pass, a), upload(pass, b)), a.plus(b));
            Tensor gated = pass.gated(Activation.SILU, upload(pass, a), upload(pass, b));
            check(pass, gated, a.map(Activation.SILU::of).timesEach(b));
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

    @Test
    void dividesRowsByTheirLength() {
        Matrix x = Matrix.random(new Random(4), 9, 50);
        double[] values = x.values();
        Arrays.fill(values, 100, 150, 0);
        try (Pass pass = backend.begin(pages(9))) {
            float[] unit = pass.read(pass.normalize(upload(pass, x))).array();
            for (int row = 0; row < 9; row++) {
                double length = Math.sqrt(Arrays.stream(values, row * 50, row * 50 + 50)
                        .map(v -> v * v)
                        .sum());
                double expected = row == 2 ? 0 : values[row * 50] / length;
                assertThat((double) unit[row * 50]).isCloseTo(expected, within(tolerance()));
            }
        }
    }

    @Test
    void takesColumnsOfATensor() {
        Matrix x = Matrix.random(new Random(13), 20, 48);
        Matrix weight = Matrix.random(new Random(14), 5, 16);
        try (Pass pass = backend.begin(pages(20));
                Weight w = hold(weight)) {
            Tensor input = upload(pass, x);
            for (int first : new int[] {0, 5, 16, 32}) {
                Matrix some = columns(x, first, 16);
                check(pass, pass.linear(pass.columns(input, first, 16), w, null), some.times(weight, null));
                check(
                        pass,
                        pass.add(pass.columns(input, first, 16), pass.columns(input, 8, 16)),
                        some.plus(columns(x, 8, 16)));
            }
            check(pass, pass.columns(input, 47, 1), columns(x, 47, 1));
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

    private static Matrix columns(Matrix x, int first, int count) {
        double[] some = new double[x.rows() * count];
        for (int r = 0; r < x.rows(); r++) {
            System.arraycopy(x.values(), r * x.columns() + first, some, r * count, count);
        }
        return new Matrix(x.rows(), count, some);
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
    void takesWeightsOfAllTypes() {
        Matrix x = Matrix.random(new Random(6), 10, 32);
        Matrix weight = Matrix.random(new Random(7), 16, 32);
        for (ElementType type : ElementType.values()) {
            ByteBuffer bytes = ByteBuffer.allocate(16 * 32 * type.bytes() + 8).order(ByteOrder.LITTLE_ENDIAN);
            type.write(weight.floats(), 16 * 32, bytes, 8);
            try (Pass pass = backend.begin(pages(10));
                    Weight w = backend.hold(type, weight.shape(), bytes.position(8))) {
                Tensor y = pass.linear(upload(pass, x), w, null);
                check(pass, y, x.times(weight.map(v -> type.round((float) v)), null), tolerance(type));
            }
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

    private Weight hold(Matrix matrix) {
        return backend.hold(ElementType.FP32, matrix.shape(), matrix.bytes());
    }

    private Weight holdVector(Matrix row) {
        return backend.hold(ElementType.FP32, Shape.of(row.columns()), row.bytes());
    }

    private static Tensor upload(Pass pass, Matrix x) {
        return pass.upload(x.shape(), target -> target.asFloatBuffer().put(x.floats()));
    }

    /** The same for products with weights stored as {@code type}. */
    protected double tolerance(ElementType type) {
        return tolerance();
    }

    private void check(Pass pass, Tensor actual, Matrix expected) {
        check(pass, actual, expected, tolerance());
    }

    private void check(Pass pass, Tensor actual, Matrix expected, double tolerance) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        float[] values = pass.read(actual).array();
        double most = tolerance * Math.max(1, expected.largest());
        for (int i = 0; i < values.length; i++) {
            assertThat((double) values[i])
                    .as("row %d, column %d", i / expected.columns(), i % expected.columns())
                    .isCloseTo(expected.values()[i], within(most));
        }
    }

    private static PagedBatch pages(int... tokens) {
        List<SequenceLengths> lengths =
                IntStream.of(tokens).mapToObj(n -> new SequenceLengths(n, n)).toList();
        return PagedBatch.plan(PageLayout.PACKED, 64, lengths);
    }
}
