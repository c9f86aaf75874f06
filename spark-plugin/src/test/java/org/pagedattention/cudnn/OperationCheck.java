package org.pagedattention.cudnn;

import java.util.List;
import java.util.function.BiFunction;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** Runs an operation of a pass on a GPU: how far it is from fp64 on a few rows, and how fast it is on many. */
final class OperationCheck {
    private static final int TOKENS = 65_536;
    private static final int FEW = 5;
    private static final int MANY = 25;

    private OperationCheck() {}

    /** An operation over rows of {@code columns} numbers, which may be done any number of times. */
    private interface Operation {
        Tensor apply(Pass pass, Tensor x);
    }

    /** A layer's operations; then those of a pass over them. */
    static void layer(ModelBackend gpu, ModelBackend reference, int hidden, int wide) {
        int rows = hidden == 384 ? TOKENS : TOKENS / 2;
        linear(gpu, reference, "qkv", rows, hidden, 3 * hidden, true, Activation.NONE, false);
        linear(gpu, reference, "output", rows, hidden, hidden, true, Activation.NONE, true);
        linear(gpu, reference, "widen", rows, hidden, wide, true, Activation.GELU, false);
        linear(gpu, reference, "narrow", rows, wide, hidden, true, Activation.NONE, true);
        rowOperations(gpu, reference, rows, hidden);
        for (PagedBatch pages : List.of(CheckData.glosses(rows), CheckData.documents(rows), CheckData.fixed(rows))) {
            attention(gpu, reference, pages, hidden, hidden == 384 ? 32 : 64);
        }
    }

    static void linear(
            ModelBackend gpu,
            ModelBackend reference,
            String name,
            int rows,
            int in,
            int out,
            boolean bias,
            Activation activation,
            boolean residual) {
        float[] w = CheckData.numbers((long) in * out, 1 / Math.sqrt(in));
        float[] b = CheckData.numbers(out, 0.5);
        String what = String.format(
                "linear %-10s M%d N%d K%d%s%s%s",
                name,
                rows,
                out,
                in,
                bias ? " bias" : "",
                activation == Activation.NONE ? "" : " " + activation,
                residual ? " residual" : "");
        CheckData.guard(what, () -> {
            BiFunction<ModelBackend, Boolean, Operation> make = (backend, ignored) -> {
                Weight weight = CheckData.hold(backend, w, out, in);
                Weight vector = bias ? CheckData.hold(backend, b, out) : null;
                return (pass, x) -> {
                    Tensor added = residual ? pass.columns(x, 0, out) : null;
                    return pass.linear(x, weight, vector, activation, added);
                };
            };
            // the residual is a piece of what goes in, so in must not be less than out
            if (residual && in < out) {
                throw new IllegalArgumentException("no residual of " + out + " in " + in);
            }
            check(what, gpu, reference, CheckData.fixed(rows), in, make, 2.0 * rows * in * out, 0);
        });
    }

    private static void rowOperations(ModelBackend gpu, ModelBackend reference, int rows, int hidden) {
        float[] g = CheckData.numbers(hidden, 1);
        float[] b = CheckData.numbers(hidden, 1);
        double bytes = 4.0 * rows * hidden;
        row(gpu, reference, "layer norm", rows, hidden, bytes, backend -> {
            Norm norm = new Norm(
                    Norm.Kind.LAYER, CheckData.hold(backend, g, hidden), CheckData.hold(backend, b, hidden), 1e-12f);
            return (pass, x) -> pass.norm(norm, x);
        });
        row(gpu, reference, "rms norm", rows, hidden, bytes, backend -> {
            Norm norm = new Norm(Norm.Kind.RMS, CheckData.hold(backend, g, hidden), null, 1e-6f);
            return (pass, x) -> pass.norm(norm, x);
        });
        row(gpu, reference, "add", rows, hidden, 1.5 * bytes, backend -> (pass, x) -> pass.add(x, x));
        row(
                gpu,
                reference,
                "silu gate",
                rows,
                hidden,
                1.5 * bytes,
                backend -> (pass, x) -> pass.gated(Activation.SILU, x, x));
        row(gpu, reference, "normalize", rows, hidden, bytes, backend -> (pass, x) -> pass.normalize(x));
        for (SequencePooling pooling : SequencePooling.values()) {
            pool(gpu, reference, pooling, CheckData.documents(rows), hidden);
        }
        pool(gpu, reference, SequencePooling.MEAN, CheckData.glosses(rows), hidden);
    }

    private interface Make {
        Operation on(ModelBackend backend);
    }

    private static void row(
            ModelBackend gpu, ModelBackend reference, String name, int rows, int hidden, double bytes, Make make) {
        String what = String.format("%-17s M%d C%d", name, rows, hidden);
        CheckData.guard(
                what,
                () -> check(what, gpu, reference, CheckData.fixed(rows), hidden, (on, x) -> make.on(on), 0, bytes));
    }

    private static void pool(
            ModelBackend gpu, ModelBackend reference, SequencePooling pooling, PagedBatch pages, int hidden) {
        String what = String.format("pool %-12s M%d C%d S%d", pooling, pages.queryTokens(), hidden, pages.sequences());
        CheckData.guard(
                what,
                () -> check(
                        what,
                        gpu,
                        reference,
                        pages,
                        hidden,
                        (on, y) -> (pass, x) -> pass.pool(pooling, x, 0),
                        0,
                        2.0 * pages.queryTokens() * hidden));
    }

    private static void attention(ModelBackend gpu, ModelBackend reference, PagedBatch pages, int hidden, int dim) {
        int heads = hidden / dim;
        AttentionSpec spec = new AttentionSpec(
                heads, heads, dim, dim, ElementType.FP16, Mask.none(), AttentionSpec.defaultScale(dim));
        double pairs = pages.allLengths().stream()
                .mapToDouble(length -> (double) length.queryTokens() * length.kvTokens())
                .sum();
        String what = String.format("attention h%d d%d S%d M%d", heads, dim, pages.sequences(), pages.queryTokens());
        CheckData.guard(
                what,
                () -> check(
                        what,
                        gpu,
                        reference,
                        pages,
                        3 * hidden,
                        (on, y) -> (pass, x) -> pass.attend(
                                spec,
                                pass.columns(x, 0, hidden),
                                pass.columns(x, hidden, hidden),
                                pass.columns(x, 2 * hidden, hidden)),
                        4 * pairs * hidden,
                        0));
    }

    /** Compares a small batch with fp64, and the large one's time. */
    private static void check(
            String what,
            ModelBackend gpu,
            ModelBackend reference,
            PagedBatch pages,
            int columns,
            BiFunction<ModelBackend, Boolean, Operation> make,
            double flops,
            double bytes) {
        float[] data = CheckData.numbers(1 << 20, 1);
        PagedBatch small = PagedBatch.plan(
                PageLayout.PACKED,
                64,
                pages.allLengths().subList(0, Math.min(3, pages.sequences())).stream()
                        .map(lengths -> new SequenceLengths(
                                Math.min(20, lengths.queryTokens()), Math.min(20, lengths.queryTokens())))
                        .toList());
        float[] expected = once(reference, small, columns, data, make.apply(reference, true));
        Operation operation = make.apply(gpu, true);
        long start = System.nanoTime();
        float[] actual = once(gpu, small, columns, data, operation);
        double smallBuild = (System.nanoTime() - start) / 1e9;
        double worst = 0;
        double largest = 1;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
            if (!Float.isFinite(actual[i])) {
                worst = Double.POSITIVE_INFINITY;
            }
        }
        start = System.nanoTime();
        time(gpu, pages, columns, data, operation, 1);
        double build = (System.nanoTime() - start) / 1e9;
        double few = time(gpu, pages, columns, data, operation, FEW);
        double many = time(gpu, pages, columns, data, operation, MANY);
        double millis = (many - few) / (MANY - FEW);
        System.out.printf(
                "%-56s %9.4f ms %s error %.1e of %.1f%s, first runs %.2f and %.2f s%n",
                what,
                millis,
                flops > 0
                        ? String.format("%7.1f TFLOP/s", flops / millis / 1e9)
                        : String.format("%7.2f TB/s    ", bytes / millis / 1e9),
                worst,
                largest,
                worst <= 4e-3 * largest ? "" : " WRONG",
                smallBuild,
                build);
    }

    private static float[] once(ModelBackend backend, PagedBatch pages, int columns, float[] data, Operation op) {
        try (Pass pass = backend.begin(pages)) {
            return pass.read(op.apply(pass, half(pass, CheckData.upload(pass, pages, columns, data))))
                    .array();
        }
    }

    /** Makes what came from the host 16 bits wide, as a layer's input is. */
    private static Tensor half(Pass pass, Tensor x) {
        return pass.add(x, pass.columns(x, 0, x.shape().columns()));
    }

    /** The least wall time of three, in milliseconds; the last result is pooled to a row a sequence and read. */
    private static double time(
            ModelBackend backend, PagedBatch pages, int columns, float[] data, Operation op, int times) {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            try (Pass pass = backend.begin(pages)) {
                Tensor x = half(pass, CheckData.upload(pass, pages, columns, data));
                for (int i = 1; i < times; i++) {
                    pass.release(op.apply(pass, x));
                }
                Tensor y = op.apply(pass, x);
                long start = System.nanoTime();
                pass.start(y.shape().rows() == pages.queryTokens() ? pass.pool(SequencePooling.FIRST, y, 0) : y);
                pass.close();
                best = Math.min(best, (System.nanoTime() - start) / 1e6);
            }
        }
        return best;
    }
}
