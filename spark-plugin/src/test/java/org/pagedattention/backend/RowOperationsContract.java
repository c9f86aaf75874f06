package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What every {@link ModelBackend} must do with rows one by one. */
public abstract class RowOperationsContract extends PassFixture {
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
    @CsvSource({"1, 8, 1, 1", "300, 33, 1000, 1", "7, 384, 129, 1", "5000, 64, 128, 1", "130, 24, 300, 6.5"})
    void looksRowsUp(int tableRows, int columns, int rows, float factor) {
        Random random = new Random(tableRows + rows);
        Matrix stored = Matrix.random(random, tableRows, columns);
        int[] numbers = random.ints(rows, 0, tableRows).toArray();
        numbers[rows - 1] = tableRows - 1;
        double[] expected = Arrays.stream(numbers)
                .mapToObj(row -> stored.rows(row, row + 1).map(v -> v * factor).values())
                .flatMapToDouble(Arrays::stream)
                .toArray();
        try (Pass pass = backend.begin(pages(3));
                Weight table = holdTable(stored, factor)) {
            assertThat(table.shape()).isEqualTo(stored.shape());
            check(pass, pass.lookup(table, numbers), new Matrix(rows, columns, expected));
            assertThatThrownBy(() -> pass.lookup(table, new int[] {0, tableRows}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("row " + tableRows);
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
    @CsvSource({"3, SILU", "700, GELU", "5000, SILU", "20000, GELU_TANH"})
    void gatesWhatALinearLayerGives(int rows, Activation activation) {
        Matrix x = Matrix.random(new Random(1), rows, 64);
        Matrix weight = Matrix.random(new Random(2), 72, 64);
        Matrix factor = Matrix.random(new Random(3), rows, 72);
        try (Weight gate = hold(weight);
                Pass pass = backend.begin(pages(rows))) {
            Tensor gated = pass.gatedLinear(upload(pass, x), gate, null, activation, upload(pass, factor));
            check(pass, gated, x.times(weight, null).map(activation::of).timesEach(factor));
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

    static Matrix columns(Matrix x, int first, int count) {
        double[] some = new double[x.rows() * count];
        for (int r = 0; r < x.rows(); r++) {
            System.arraycopy(x.values(), r * x.columns() + first, some, r * count, count);
        }
        return new Matrix(x.rows(), count, some);
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
}
