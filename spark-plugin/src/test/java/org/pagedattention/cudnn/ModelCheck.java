package org.pagedattention.cudnn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
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
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/**
 * Runs every operation of a pass at the sizes of real models, says how far it is from fp64 on a few rows and how fast it
 * is; then whole encoders with random weights. What fails is printed, and the rest goes on.
 */
final class ModelCheck {
    private static final int TOKENS = 65_536;

    private ModelCheck() {}

    public static void main(String[] args) {
        boolean deterministic = Arrays.asList(args).contains("deterministic");
        BackendSettings settings = BackendSettings.defaults().withDeterministic(deterministic);
        try (ModelBackend gpu = new CudnnBackendProvider().createForModels(settings);
                ModelBackend reference = new ReferenceModels()) {
            System.out.println(new CudnnBackendProvider().describe(settings) + "\ndeterministic " + deterministic);
            for (int[] shape : new int[][] {{384, 1536}, {768, 3072}}) {
                OperationCheck.layer(gpu, reference, shape[0], shape[1]);
            }
            OperationCheck.linear(gpu, reference, "llama qkv", 8192, 4096, 6144, false, Activation.NONE, false);
            OperationCheck.linear(gpu, reference, "llama down", 8192, 14336, 4096, false, Activation.NONE, true);
            encoders(gpu, reference);
        }
    }

    private static final int WORDS = 30_522;
    private static final int PLACES = 512;

    private record Embeddings(Weight words, Weight places) {}

    private static Embeddings embeddings(ModelBackend backend, int hidden) {
        Random random = new Random(8);
        return new Embeddings(
                backend.holdTable(CheckData.rows(random, WORDS, hidden), 1),
                backend.holdTable(CheckData.rows(random, PLACES, hidden), 1));
    }

    private record Layer(
            Weight qkv, Weight output, Weight widen, Weight narrow, Weight wide, Weight thrice, Norm norm) {}

    private static List<Layer> weights(ModelBackend backend, int layers, int hidden, int wide) {
        Random random = new Random(7);
        List<Layer> made = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            Weight gain = CheckData.hold(backend, CheckData.numbers(random, hidden, 0.2, 1), hidden);
            Weight shift = CheckData.hold(backend, CheckData.numbers(random, hidden, 0.1, 0), hidden);
            made.add(new Layer(
                    CheckData.hold(
                            backend,
                            CheckData.numbers(random, 3L * hidden * hidden, 1 / Math.sqrt(hidden), 0),
                            3 * hidden,
                            hidden),
                    CheckData.hold(
                            backend,
                            CheckData.numbers(random, (long) hidden * hidden, 1 / Math.sqrt(hidden), 0),
                            hidden,
                            hidden),
                    CheckData.hold(
                            backend,
                            CheckData.numbers(random, (long) wide * hidden, 1 / Math.sqrt(hidden), 0),
                            wide,
                            hidden),
                    CheckData.hold(
                            backend,
                            CheckData.numbers(random, (long) wide * hidden, 1 / Math.sqrt(wide), 0),
                            hidden,
                            wide),
                    CheckData.hold(backend, CheckData.numbers(random, wide, 0.1, 0), wide),
                    CheckData.hold(backend, CheckData.numbers(random, 3 * hidden, 0.1, 0), 3 * hidden),
                    new Norm(Norm.Kind.LAYER, gain, shift, 1e-12f)));
        }
        return made;
    }

    private static Tensor encode(
            Pass pass, PagedBatch pages, Embeddings tables, List<Layer> layers, int hidden, int dim) {
        AttentionSpec spec = new AttentionSpec(
                hidden / dim, hidden / dim, dim, dim, ElementType.FP16, Mask.none(), AttentionSpec.defaultScale(dim));
        int[] ids =
                IntStream.range(0, pages.queryTokens()).map(t -> t * 31 % WORDS).toArray();
        int[] places =
                IntStream.range(0, pages.queryTokens()).map(t -> t % PLACES).toArray();
        Tensor x = pass.scope(() -> pass.norm(
                layers.get(0).norm(),
                pass.add(pass.lookup(tables.words(), ids), pass.lookup(tables.places(), places))));
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
        CheckData.guard("encoder against fp64", () -> {
            PagedBatch pages = CheckData.plan(IntStream.of(5, 1, 30, 70));
            float[] expected = run(reference, pages, 2, 384, 1536, 32);
            float[] actual = run(gpu, pages, 2, 384, 1536, 32);
            for (int s = 0; s < pages.sequences(); s++) {
                System.out.printf(
                        "encoder of 2 layers, sequence %d: cosine %.7f%n", s, cosine(actual, expected, s, 384));
            }
        });
        for (int[] shape : new int[][] {{6, 384, 1536, 32}, {12, 768, 3072, 64}}) {
            CheckData.guard("encoder of " + shape[1], () -> {
                List<Layer> layers = weights(gpu, shape[0], shape[1], shape[2]);
                Embeddings tables = embeddings(gpu, shape[1]);
                System.out.printf(
                        "encoder of %d layers, width %d: %d MiB of weights, %d tokens a pass%n",
                        shape[0], shape[1], gpu.heldBytes() >> 20, gpu.passTokens());
                for (PagedBatch pages :
                        List.of(CheckData.glosses(TOKENS), CheckData.documents(TOKENS), CheckData.fixed(TOKENS))) {
                    throughput(gpu, pages, tables, layers, shape);
                }
            });
        }
    }

    private static float[] run(ModelBackend backend, PagedBatch pages, int layers, int hidden, int wide, int dim) {
        List<Layer> weights = weights(backend, layers, hidden, wide);
        Embeddings tables = embeddings(backend, hidden);
        try (Pass pass = backend.begin(pages)) {
            return pass.read(encode(pass, pages, tables, weights, hidden, dim)).array();
        }
    }

    /** Passes in flight: one is made while others run, as tasks do it. */
    private static void throughput(
            ModelBackend gpu, PagedBatch pages, Embeddings tables, List<Layer> layers, int[] shape) {
        double flops = pages.allLengths().stream()
                        .mapToDouble(length -> 4.0 * length.queryTokens() * length.kvTokens() * shape[1] * shape[0])
                        .sum()
                + 2.0 * pages.queryTokens() * shape[0] * (4.0 * shape[1] * shape[1] + 2.0 * shape[1] * shape[2]);
        for (int inFlight : new int[] {1, 2, 4}) {
            passes(gpu, pages, tables, layers, shape, inFlight, 3);
            int count = 24;
            double millis = passes(gpu, pages, tables, layers, shape, inFlight, count);
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
            Tensor y = encode(pass, pages, tables, layers, shape[1], shape[3]);
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
            Embeddings tables,
            List<Layer> layers,
            int[] shape,
            int inFlight,
            int count) {
        long start = System.nanoTime();
        Deque<Pass> running = new ArrayDeque<>();
        Deque<Tensor> results = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            Pass pass = gpu.begin(pages);
            Tensor y = encode(pass, pages, tables, layers, shape[1], shape[3]);
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
}
