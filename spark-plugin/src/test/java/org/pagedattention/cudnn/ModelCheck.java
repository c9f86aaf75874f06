package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.backend.reference.ReferenceModels;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * Runs every operation of a pass at the sizes of real models, says how far it is from fp64 on a few rows and how fast it
 * is; then whole encoders with random weights. What fails is printed, and the rest goes on.
 */
final class ModelCheck {
    private static final int TOKENS = 65_536;
    private static final int FEW = 5;
    private static final int MANY = 25;
    private static final Random RANDOM = new Random(1);

    private ModelCheck() {}

    /** An operation over rows of {@code columns} numbers, which may be done any number of times. */
    private interface Operation {
        Tensor apply(Pass pass, Tensor x);
    }

    public static void main(String[] args) {
        boolean deterministic = Arrays.asList(args).contains("deterministic");
        BackendSettings settings = BackendSettings.defaults().withDeterministic(deterministic);
        try (ModelBackend gpu = new CudnnBackendProvider().createForModels(settings);
                ModelBackend reference = new ReferenceModels()) {
            System.out.println(new CudnnBackendProvider().describe(settings) + "\ndeterministic " + deterministic);
            for (int[] shape : new int[][] {{384, 1536}, {768, 3072}}) {
                layer(gpu, reference, shape[0], shape[1]);
            }
            linear(gpu, reference, "llama qkv", 8192, 4096, 6144, false, Activation.NONE, false);
            linear(gpu, reference, "llama down", 8192, 14336, 4096, false, Activation.NONE, true);
            encoders(gpu, reference);
        }
    }

    private static void layer(ModelBackend gpu, ModelBackend reference, int hidden, int wide) {
        int rows = hidden == 384 ? TOKENS : TOKENS / 2;
        linear(gpu, reference, "qkv", rows, hidden, 3 * hidden, true, Activation.NONE, false);
        linear(gpu, reference, "output", rows, hidden, hidden, true, Activation.NONE, true);
        linear(gpu, reference, "widen", rows, hidden, wide, true, Activation.GELU, false);
        linear(gpu, reference, "narrow", rows, wide, hidden, true, Activation.NONE, true);
        rowOperations(gpu, reference, rows, hidden);
        for (PagedBatch pages : List.of(glosses(rows), documents(rows), fixed(rows))) {
            attention(gpu, reference, pages, hidden, hidden == 384 ? 32 : 64);
        }
    }

    private static void linear(
            ModelBackend gpu,
            ModelBackend reference,
            String name,
            int rows,
            int in,
            int out,
            boolean bias,
            Activation activation,
            boolean residual) {
        float[] w = numbers((long) in * out, 1 / Math.sqrt(in));
        float[] b = numbers(out, 0.5);
        String what = String.format(
                "linear %-10s M%d N%d K%d%s%s%s",
                name,
                rows,
                out,
                in,
                bias ? " bias" : "",
                activation == Activation.NONE ? "" : " " + activation,
                residual ? " residual" : "");
        guard(what, () -> {
            BiFunction<ModelBackend, Boolean, Operation> make = (backend, ignored) -> {
                Weight weight = hold(backend, w, out, in);
                Weight vector = bias ? hold(backend, b, out) : null;
                return (pass, x) -> {
                    Tensor added = residual ? pass.columns(x, 0, out) : null;
                    return pass.linear(x, weight, vector, activation, added);
                };
            };
            // the residual is a piece of what goes in, so in must not be less than out
            if (residual && in < out) {
                throw new IllegalArgumentException("no residual of " + out + " in " + in);
            }
            check(what, gpu, reference, PAGES.apply(rows), in, make, 2.0 * rows * in * out, 0);
        });
    }

    private interface Rows {
        PagedBatch apply(int rows);
    }

    private static final Rows PAGES = ModelCheck::fixed;

    private static void rowOperations(ModelBackend gpu, ModelBackend reference, int rows, int hidden) {
        float[] g = numbers(hidden, 1);
        float[] b = numbers(hidden, 1);
        double bytes = 4.0 * rows * hidden;
        row(gpu, reference, "layer norm", rows, hidden, bytes, backend -> {
            Norm norm = new Norm(Norm.Kind.LAYER, hold(backend, g, hidden), hold(backend, b, hidden), 1e-12f);
            return (pass, x) -> pass.norm(norm, x);
        });
        row(gpu, reference, "rms norm", rows, hidden, bytes, backend -> {
            Norm norm = new Norm(Norm.Kind.RMS, hold(backend, g, hidden), null, 1e-6f);
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
            pool(gpu, reference, pooling, documents(rows), hidden);
        }
        pool(gpu, reference, SequencePooling.MEAN, glosses(rows), hidden);
    }

    private interface Make {
        Operation on(ModelBackend backend);
    }

    private static void row(
            ModelBackend gpu, ModelBackend reference, String name, int rows, int hidden, double bytes, Make make) {
        String what = String.format("%-17s M%d C%d", name, rows, hidden);
        guard(what, () -> check(what, gpu, reference, fixed(rows), hidden, (on, x) -> make.on(on), 0, bytes));
    }

    private static void pool(
            ModelBackend gpu, ModelBackend reference, SequencePooling pooling, PagedBatch pages, int hidden) {
        String what = String.format("pool %-12s M%d C%d S%d", pooling, pages.queryTokens(), hidden, pages.sequences());
        guard(
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
        guard(
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
        float[] data = numbers(1 << 20, 1);
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
            return pass.read(op.apply(pass, half(pass, upload(pass, pages, columns, data))))
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
                Tensor x = half(pass, upload(pass, pages, columns, data));
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

    private static Tensor upload(Pass pass, PagedBatch pages, int columns, float[] data) {
        return pass.upload(Shape.of(pages.queryTokens(), columns), target -> {
            int left = pages.queryTokens() * columns;
            while (left > 0) {
                int count = Math.min(left, data.length);
                target.asFloatBuffer().put(data, 0, count);
                target.position(target.position() + count * Float.BYTES);
                target = target.slice().order(ByteOrder.LITTLE_ENDIAN);
                left -= count;
            }
        });
    }

    // ---------------------------------------------------------------- whole encoders

    private record Layer(
            Weight qkv, Weight output, Weight widen, Weight narrow, Weight wide, Weight thrice, Norm norm) {}

    private static List<Layer> weights(ModelBackend backend, int layers, int hidden, int wide) {
        Random random = new Random(7);
        List<Layer> made = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            Weight gain = hold(backend, numbers(random, hidden, 0.2, 1), hidden);
            Weight shift = hold(backend, numbers(random, hidden, 0.1, 0), hidden);
            made.add(new Layer(
                    hold(backend, numbers(random, 3L * hidden * hidden, 1 / Math.sqrt(hidden), 0), 3 * hidden, hidden),
                    hold(backend, numbers(random, (long) hidden * hidden, 1 / Math.sqrt(hidden), 0), hidden, hidden),
                    hold(backend, numbers(random, (long) wide * hidden, 1 / Math.sqrt(hidden), 0), wide, hidden),
                    hold(backend, numbers(random, (long) wide * hidden, 1 / Math.sqrt(wide), 0), hidden, wide),
                    hold(backend, numbers(random, wide, 0.1, 0), wide),
                    hold(backend, numbers(random, 3 * hidden, 0.1, 0), 3 * hidden),
                    new Norm(Norm.Kind.LAYER, gain, shift, 1e-12f)));
        }
        return made;
    }

    private static Tensor encode(Pass pass, PagedBatch pages, List<Layer> layers, int hidden, int dim, float[] data) {
        AttentionSpec spec = new AttentionSpec(
                hidden / dim, hidden / dim, dim, dim, ElementType.FP16, Mask.none(), AttentionSpec.defaultScale(dim));
        Tensor x = pass.norm(layers.get(0).norm(), upload(pass, pages, hidden, data));
        for (Layer layer : layers) {
            Tensor before = x;
            x = pass.scope(() -> layer(pass, spec, layer, before));
            pass.release(before);
        }
        return pass.normalize(pass.pool(SequencePooling.MEAN, x, 0));
    }

    private static Tensor layer(Pass pass, AttentionSpec spec, Layer layer, Tensor x) {
        int hidden = spec.outputElements();
        Weight shift = layer.norm().bias();
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> {
                Tensor all = pass.linear(x, layer.qkv(), layer.thrice());
                return pass.attend(
                        spec,
                        pass.columns(all, 0, hidden),
                        pass.columns(all, hidden, hidden),
                        pass.columns(all, 2 * hidden, hidden));
            });
            return pass.norm(layer.norm(), pass.linear(attended, layer.output(), shift, Activation.NONE, x));
        });
        Tensor narrow = pass.scope(() -> {
            Tensor wide = pass.linear(y, layer.widen(), layer.wide(), Activation.GELU, null);
            return pass.linear(wide, layer.narrow(), shift, Activation.NONE, y);
        });
        return pass.norm(layer.norm(), narrow);
    }

    private static void encoders(ModelBackend gpu, ModelBackend reference) {
        guard("encoder against fp64", () -> {
            PagedBatch pages = plan(IntStream.of(5, 1, 30, 70));
            float[] data = numbers(1 << 16, 0.05);
            float[] expected = run(reference, pages, 2, 384, 1536, 32, data);
            float[] actual = run(gpu, pages, 2, 384, 1536, 32, data);
            for (int s = 0; s < pages.sequences(); s++) {
                System.out.printf(
                        "encoder of 2 layers, sequence %d: cosine %.7f%n", s, cosine(actual, expected, s, 384));
            }
        });
        for (int[] shape : new int[][] {{6, 384, 1536, 32}, {12, 768, 3072, 64}}) {
            guard("encoder of " + shape[1], () -> {
                List<Layer> layers = weights(gpu, shape[0], shape[1], shape[2]);
                System.out.printf(
                        "encoder of %d layers, width %d: %d MiB of weights, %d tokens a pass%n",
                        shape[0], shape[1], gpu.heldBytes() >> 20, gpu.passTokens());
                for (PagedBatch pages : List.of(glosses(TOKENS), documents(TOKENS), fixed(TOKENS))) {
                    throughput(gpu, pages, layers, shape);
                }
            });
        }
    }

    private static float[] run(
            ModelBackend backend, PagedBatch pages, int layers, int hidden, int wide, int dim, float[] data) {
        List<Layer> weights = weights(backend, layers, hidden, wide);
        try (Pass pass = backend.begin(pages)) {
            return pass.read(encode(pass, pages, weights, hidden, dim, data)).array();
        }
    }

    /** Passes in flight: one is made while others run, as tasks do it. */
    private static void throughput(ModelBackend gpu, PagedBatch pages, List<Layer> layers, int[] shape) {
        float[] data = numbers(1 << 20, 0.05);
        double flops = pages.allLengths().stream()
                        .mapToDouble(length -> 4.0 * length.queryTokens() * length.kvTokens() * shape[1] * shape[0])
                        .sum()
                + 2.0 * pages.queryTokens() * shape[0] * (4.0 * shape[1] * shape[1] + 2.0 * shape[1] * shape[2]);
        for (int inFlight : new int[] {1, 2, 4}) {
            passes(gpu, pages, layers, shape, data, inFlight, 3);
            int count = 24;
            double millis = passes(gpu, pages, layers, shape, data, inFlight, count);
            System.out.printf(
                    "encoder width %d, %5d sequences, %d tokens, %d in flight: %8.3f ms a pass, %7.2f M tokens/s, %6.1f TFLOP/s%n",
                    shape[1],
                    pages.sequences(),
                    pages.queryTokens(),
                    inFlight,
                    millis / count,
                    pages.queryTokens() * count / millis / 1e3,
                    flops * count / millis / 1e9);
        }
        long start = System.nanoTime();
        try (Pass pass = gpu.begin(pages)) {
            Tensor y = encode(pass, pages, layers, shape[1], shape[3], data);
            long written = System.nanoTime();
            pass.start(y);
            long started = System.nanoTime();
            pass.read(y);
            System.out.printf(
                    "  one pass: written down in %.2f ms, sent off in %.2f ms, waited %.2f ms%n",
                    (written - start) / 1e6, (started - written) / 1e6, (System.nanoTime() - started) / 1e6);
        }
    }

    private static double passes(
            ModelBackend gpu,
            PagedBatch pages,
            List<Layer> layers,
            int[] shape,
            float[] data,
            int inFlight,
            int count) {
        long start = System.nanoTime();
        Deque<Pass> running = new ArrayDeque<>();
        Deque<Tensor> results = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            Pass pass = gpu.begin(pages);
            Tensor y = encode(pass, pages, layers, shape[1], shape[3], data);
            pass.start(y);
            running.add(pass);
            results.add(y);
            if (running.size() == inFlight) {
                finish(running.remove(), results.remove());
            }
        }
        while (!running.isEmpty()) {
            finish(running.remove(), results.remove());
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static void finish(Pass pass, Tensor result) {
        try (pass) {
            pass.read(result);
        }
    }

    private static double cosine(float[] a, float[] b, int row, int columns) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = row * columns; i < (row + 1) * columns; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    // ---------------------------------------------------------------- numbers and lengths

    private static PagedBatch glosses(int tokens) {
        return filled(tokens, 8, 28);
    }

    private static PagedBatch documents(int tokens) {
        return filled(tokens, 60, 320);
    }

    private static PagedBatch fixed(int tokens) {
        return filled(tokens, 512, 512);
    }

    private static PagedBatch filled(int tokens, int least, int most) {
        Random random = new Random(tokens + least);
        List<Integer> lengths = new ArrayList<>();
        int left = tokens;
        while (left > 0) {
            int next = Math.min(left, least + random.nextInt(most - least + 1));
            lengths.add(next);
            left -= next;
        }
        return plan(lengths.stream().mapToInt(i -> i));
    }

    private static PagedBatch plan(IntStream lengths) {
        return PagedBatch.plan(
                PageLayout.PACKED,
                64,
                lengths.mapToObj(n -> new SequenceLengths(n, n)).toList());
    }

    private static float[] numbers(long count, double scale) {
        return numbers(RANDOM, count, scale, 0);
    }

    private static float[] numbers(Random random, long count, double scale, double mean) {
        float[] made = new float[Math.toIntExact(count)];
        for (int i = 0; i < made.length; i++) {
            made[i] = (float) ((random.nextDouble() * 2 - 1) * Math.sqrt(3) * scale + mean);
        }
        return made;
    }

    private static Weight hold(ModelBackend backend, float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        ElementType.FP16.write(values, values.length, bytes, 0);
        return backend.hold(ElementType.FP16, Shape.of(shape), bytes);
    }

    private interface Body {
        void run();
    }

    private static void guard(String what, Body body) {
        try {
            body.run();
        } catch (RuntimeException | Error e) {
            System.out.println("FAILED " + what + ": " + e);
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                System.out.println("    because " + cause);
            }
            for (Throwable other : e.getSuppressed()) {
                System.out.println("    beside " + other);
            }
            StackTraceElement[] trace = e.getStackTrace();
            for (int i = 0; i < Math.min(8, trace.length); i++) {
                System.out.println("      at " + trace[i]);
            }
        }
    }
}
