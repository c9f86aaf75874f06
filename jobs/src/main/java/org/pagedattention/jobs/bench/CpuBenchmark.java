package org.pagedattention.jobs.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageSize;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** Measures how fast a backend attends. The time is that of start to await: inputs are in the batch already. */
public final class CpuBenchmark {
    private static final long SEED = 7;

    private final long warmUpNanos;
    private final int repetitions;

    /**
     * One thing to measure.
     *
     * @param name short, for people
     */
    public record Shape(String name, AttentionSpec spec, List<SequenceLengths> lengths) {

        /** Floating point operations, two a multiply-add, of the scores and values that the mask shows. */
        public double flops() {
            double pairs = lengths.stream()
                    .mapToDouble(one -> spec.mask().visiblePairs(one.queryTokens(), one.kvTokens()))
                    .sum();
            return 2 * pairs * spec.queryHeads() * (spec.headDim() + spec.valueDim());
        }
    }

    /**
     * What came out.
     *
     * @param millis median time of one batch
     * @param gflops billions of floating point operations a second, what the mask hides not counted
     */
    public record Measurement(Shape shape, double millis, double gflops) {}

    /**
     * @param warmUpNanos how long to run before measuring
     * @param repetitions how often to measure
     */
    public CpuBenchmark(long warmUpNanos, int repetitions) {
        this.warmUpNanos = warmUpNanos;
        this.repetitions = repetitions;
    }

    /** The shapes that are reported: the reference sample's, a long causal one with grouped heads, and a ragged batch. */
    public static List<Shape> shapes(ElementType type) {
        return List.of(
                new Shape("b4 h12 s1024 d64 causal", causal(12, 12, 64, type), fixed(4, 1024)),
                new Shape("b1 hq32 hkv8 s2048 d128 causal", causal(32, 8, 128, type), fixed(1, 2048)),
                new Shape("ragged 64 x mean 512 h8 d64 causal", causal(8, 8, 64, type), ragged(64, 512, 4096)));
    }

    /** Log-normal lengths with this mean, cut off at {@code max}; the same ones each time. */
    public static List<SequenceLengths> ragged(int sequences, int mean, int max) {
        Random random = new Random(SEED);
        double sigma = 1;
        double mu = Math.log(mean) - sigma * sigma / 2;
        return Stream.generate(() -> (int) Math.exp(mu + sigma * random.nextGaussian()))
                .map(tokens -> Math.max(1, Math.min(max, tokens)))
                .map(tokens -> new SequenceLengths(tokens, tokens))
                .limit(sequences)
                .toList();
    }

    /** Runs {@code shape} on {@code backend} with normally distributed inputs. */
    public Measurement measure(AttentionBackend backend, Shape shape) {
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, PageSize.DEFAULT, shape.lengths());
        long warmUpEnd = System.nanoTime() + warmUpNanos;
        do {
            nanos(backend, shape.spec(), pages);
        } while (System.nanoTime() < warmUpEnd);
        double[] nanos = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            nanos[i] = nanos(backend, shape.spec(), pages);
        }
        Arrays.sort(nanos);
        double median = (nanos[repetitions / 2] + nanos[(repetitions - 1) / 2]) / 2;
        return new Measurement(shape, median / 1e6, shape.flops() / median);
    }

    private static long nanos(AttentionBackend backend, AttentionSpec spec, PagedBatch pages) {
        try (AttentionBatch batch = backend.open(spec, pages, false)) {
            fill(batch.queries(), spec.type(), (long) pages.queryTokens() * spec.queryElements());
            fill(batch.keys(), spec.type(), (long) pages.containerTokens() * spec.keyElements());
            fill(batch.values(), spec.type(), (long) pages.containerTokens() * spec.valueElements());
            long start = System.nanoTime();
            batch.start();
            batch.await();
            return System.nanoTime() - start;
        }
    }

    /** Writes the same thousand numbers over and over: random ones for millions would take longer than the attention. */
    private static void fill(ByteBuffer buffer, ElementType type, long elements) {
        Random random = new Random(SEED);
        ByteBuffer period = ByteBuffer.allocate(1021 * type.bytes()).order(buffer.order());
        for (int i = 0; i < period.capacity(); i += type.bytes()) {
            type.put(period, i, (float) random.nextGaussian());
        }
        int bytes = (int) (elements * type.bytes());
        for (int at = 0; at < bytes; at += period.capacity()) {
            buffer.put(at, period.array(), 0, Math.min(period.capacity(), bytes - at));
        }
    }

    private static List<SequenceLengths> fixed(int sequences, int tokens) {
        return Stream.generate(() -> new SequenceLengths(tokens, tokens))
                .limit(sequences)
                .toList();
    }

    private static AttentionSpec causal(int queryHeads, int kvHeads, int headDim, ElementType type) {
        float scale = AttentionSpec.defaultScale(headDim);
        return new AttentionSpec(queryHeads, kvHeads, headDim, headDim, type, Mask.causal(), scale);
    }
}
