package org.pagedattention.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

/** A batch of random sequences with what attention must give for them; inputs are already rounded to the spec's type. */
public final class AttentionProblem {
    final AttentionSpec spec;
    public final PagedBatch pages;
    public final float[][] q;
    public final float[][] k;
    public final float[][] v;

    /** What a backend gave: per sequence, o {@code [tokens, queryHeads, valueDim]} and lse {@code [tokens, queryHeads]}. */
    public record Outcome(float[][] o, float[][] lse) {}

    public AttentionProblem(AttentionSpec spec, PagedBatch pages, long seed) {
        this.spec = spec;
        this.pages = pages;
        Random random = new Random(seed);
        int n = pages.sequences();
        q = new float[n][];
        k = new float[n][];
        v = new float[n][];
        for (int i = 0; i < n; i++) {
            SequenceLengths lengths = pages.lengths(i);
            q[i] = gaussians(random, lengths.queryTokens() * spec.queryElements());
            k[i] = gaussians(random, lengths.kvTokens() * spec.keyElements());
            v[i] = gaussians(random, lengths.kvTokens() * spec.valueElements());
        }
    }

    private AttentionProblem(AttentionSpec spec, PagedBatch pages, float[][] q, float[][] k, float[][] v) {
        this.spec = spec;
        this.pages = pages;
        this.q = q;
        this.k = k;
        this.v = v;
    }

    /** Some of these sequences, in that order, in a batch of their own. */
    public AttentionProblem of(List<Integer> some, PageLayout layout, int pageSize) {
        List<SequenceLengths> lengths = some.stream().map(pages::lengths).toList();
        return new AttentionProblem(
                spec, PagedBatch.plan(layout, pageSize, lengths), pick(q, some), pick(k, some), pick(v, some));
    }

    private static float[][] pick(float[][] values, List<Integer> some) {
        return some.stream().map(i -> values[i]).toArray(float[][]::new);
    }

    public PagedBatch pages() {
        return pages;
    }

    /** Sequences with equally many queries and keys, pages in order. */
    public static AttentionProblem selfAttention(
            AttentionSpec spec, PageLayout layout, int pageSize, long seed, int... tokens) {
        List<SequenceLengths> lengths =
                IntStream.of(tokens).mapToObj(t -> new SequenceLengths(t, t)).toList();
        return new AttentionProblem(spec, PagedBatch.plan(layout, pageSize, lengths), seed);
    }

    /** The same lengths in a PADDED container whose pages are dealt out at random, differently for K and V. */
    public static PagedBatch shuffledPages(int pageSize, List<SequenceLengths> lengths, long seed) {
        int pageCount = lengths.stream()
                .mapToInt(l -> PagedBatch.pagesFor(l.kvTokens(), pageSize))
                .sum();
        PageTable keys = deal(pageSize, lengths, pageCount, new Random(seed));
        PageTable values = deal(pageSize, lengths, pageCount, new Random(seed + 1));
        return PagedBatch.of(PageLayout.PADDED, pageSize, lengths, keys, values, Math.max(1, pageCount) * pageSize);
    }

    private static PageTable deal(int pageSize, List<SequenceLengths> lengths, int pageCount, Random random) {
        List<Integer> deck =
                new ArrayList<>(IntStream.range(0, pageCount).boxed().toList());
        Collections.shuffle(deck, random);
        int[][] rows = new int[lengths.size()][];
        int next = 0;
        for (int i = 0; i < rows.length; i++) {
            int count = PagedBatch.pagesFor(lengths.get(i).kvTokens(), pageSize);
            rows[i] = deck.subList(next, next + count).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            next += count;
        }
        return new PageTable(rows);
    }

    /** Runs the batch. */
    public Outcome run(AttentionBackend backend) {
        try (AttentionBatch batch = backend.open(spec, pages, true)) {
            fill(batch);
            batch.start();
            return read(batch.await());
        }
    }

    /** Writes the inputs into {@code batch} and zeroes the slots that no token owns. */
    public void fill(AttentionBatch batch) {
        Container keys = new Container(
                pages,
                pages.keyTable(),
                batch.keys(),
                spec.keyElements() * spec.type().bytes());
        Container values = new Container(
                pages,
                pages.valueTable(),
                batch.values(),
                spec.valueElements() * spec.type().bytes());
        keys.zeroTails();
        values.zeroTails();
        for (int i = 0; i < pages.sequences(); i++) {
            int start = pages.queryStart(i) * spec.queryElements();
            put(q[i], 0, q[i].length, batch.queries(), start * spec.type().bytes());
            write(keys, i, k[i], spec.keyElements());
            write(values, i, v[i], spec.valueElements());
        }
    }

    private void write(Container container, int sequence, float[] data, int tokenElements) {
        container.write(
                sequence,
                (first, tokens, target, at) -> put(data, first * tokenElements, tokens * tokenElements, target, at));
    }

    private void put(float[] data, int from, int count, ByteBuffer target, int at) {
        for (int i = 0; i < count; i++) {
            spec.type().put(target, at + i * spec.type().bytes(), data[from + i]);
        }
    }

    public Outcome read(AttentionOutput output) {
        int n = pages.sequences();
        float[][] o = new float[n][];
        float[][] lse = new float[n][];
        FloatBuffer stats = output.lse();
        assertThat(stats).as("lse").isNotNull();
        for (int i = 0; i < n; i++) {
            int tokens = pages.lengths(i).queryTokens();
            int start = pages.queryStart(i);
            o[i] = new float[tokens * spec.outputElements()];
            for (int e = 0; e < o[i].length; e++) {
                int element = start * spec.outputElements() + e;
                o[i][e] = spec.type().get(output.o(), element * spec.type().bytes());
            }
            lse[i] = new float[tokens * spec.queryHeads()];
            stats.get(start * spec.queryHeads(), lse[i]);
        }
        return new Outcome(o, lse);
    }

    /** Asserts that {@code sequence} of {@code outcome} is what the reference gives. */
    public void assertMatches(Outcome outcome, int sequence) {
        ReferenceAttention.Result expected = ReferenceAttention.attend(spec, q[sequence], k[sequence], v[sequence]);
        assertClose("o", sequence, Tolerance.of(spec.type()), expected.o(), outcome.o()[sequence]);
        // the LSE is fp32 whatever the inputs are, but its error grows with the scores
        Tolerance lse = spec.type() == ElementType.FP32 ? new Tolerance(2e-5, 1e-5) : new Tolerance(2e-3, 2e-3);
        assertClose("lse", sequence, lse, expected.lse(), outcome.lse()[sequence]);
    }

    /** Asserts that every sequence is what the reference gives. */
    public void assertMatches(Outcome outcome) {
        for (int i = 0; i < pages.sequences(); i++) {
            assertMatches(outcome, i);
        }
    }

    /** Root of the mean squared difference between the outputs and the reference. */
    public double error(Outcome outcome) {
        double squares = 0;
        long count = 0;
        for (int i = 0; i < pages.sequences(); i++) {
            double[] expected =
                    ReferenceAttention.attend(spec, q[i], k[i], v[i]).o();
            for (int e = 0; e < expected.length; e++) {
                double difference = outcome.o()[i][e] - expected[e];
                squares += difference * difference;
            }
            count += expected.length;
        }
        return Math.sqrt(squares / Math.max(1, count));
    }

    private void assertClose(String what, int sequence, Tolerance tolerance, double[] expected, float[] actual) {
        assertThat(actual).as(what + " of sequence " + sequence).hasSize(expected.length);
        for (int e = 0; e < expected.length; e++) {
            if (!tolerance.allows(expected[e], actual[e])) {
                throw new AssertionError(what + "[" + e + "] of sequence " + sequence + " "
                        + pages.lengths(sequence) + " is " + actual[e] + ", expected " + expected[e] + " within "
                        + tolerance + "; " + spec + ", " + pages.layout() + " pages of " + pages.pageSize());
            }
        }
    }

    private float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = spec.type().round((float) random.nextGaussian());
        }
        return values;
    }
}
