package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** Poisons sequences, page tails and unused pages, and sees that no other sequence notices. */
@Tag("gpu")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudnnIsolationTest {
    private static final float[] POISONS = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};

    private CudnnAttention backend;

    @BeforeAll
    void open() {
        backend = Gpu.poisoned();
    }

    @AfterAll
    void close() {
        if (backend != null) {
            backend.close();
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 48);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsPoisonWhereItIs(int seed) {
        Random random = new Random(seed);
        AttentionSpec spec = spec(random);
        List<SequenceLengths> lengths = new ArrayList<>();
        for (int i = 0; i < 3 + random.nextInt(8); i++) {
            int kv = 1 + random.nextInt(200);
            lengths.add(new SequenceLengths(random.nextInt(3) == 0 ? random.nextInt(3) : kv, kv));
        }
        int pageSize = new int[] {1, 16, 64}[random.nextInt(3)];
        PagedBatch pages = PagedBatch.plan(PageLayout.values()[random.nextInt(2)], pageSize, lengths);
        AttentionProblem problem = new AttentionProblem(spec, pages, seed);
        try (AttentionBatch batch = backend.open(spec, pages, true)) {
            problem.fill(batch);
            Set<Integer> poisoned = new HashSet<>();
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                poisoned.add(poison(batch, random));
            }
            batch.start();
            AttentionProblem.Outcome outcome = problem.read(batch.await());
            for (int i = 0; i < pages.sequences(); i++) {
                if (!poisoned.contains(i)) {
                    problem.assertMatches(outcome, i);
                }
            }
        }
    }

    /** The shared page is whole for one sequence; for the other, what lies behind its end is none of its business. */
    @Test
    void readsOnlyItsPartOfASharedPage() {
        AttentionSpec spec = new AttentionSpec(2, 1, 32, 32, ElementType.FP16, Mask.causal(), 0.2f);
        List<SequenceLengths> lengths = List.of(new SequenceLengths(5, 20), new SequenceLengths(5, 18));
        PageTable table = new PageTable(new int[][] {{0, 1}, {0, 1}});
        PagedBatch pages = PagedBatch.of(PageLayout.PADDED, 16, lengths, table, table, 32);
        PagedBatch alone = PagedBatch.plan(PageLayout.PADDED, 16, lengths);
        AttentionProblem problem = new AttentionProblem(spec, alone, 1);
        try (AttentionBatch batch = backend.open(spec, pages, true);
                AttentionBatch apart = backend.open(spec, alone, true)) {
            problem.fill(apart);
            copy(apart.queries(), 0, batch.queries(), 0, 10 * 128);
            for (ByteBuffer[] pair :
                    new ByteBuffer[][] {{apart.keys(), batch.keys()}, {apart.values(), batch.values()}}) {
                // the second sequence's tokens, whose pages lie behind the first's
                copy(pair[0], 32 * 64, pair[1], 0, 32 * 64);
                ElementType.FP16.put(pair[1], 19 * 64, Float.NaN);
            }
            batch.start();
            AttentionProblem.Outcome outcome = problem.read(batch.await());
            problem.assertMatches(outcome, 1);
        }
    }

    /** The contract asks for zeroed tails; whoever forgets harms nobody else. */
    @Test
    void doesNotSpreadAnUnzeroedTail() {
        AttentionSpec spec = new AttentionSpec(2, 1, 32, 32, ElementType.BF16, Mask.none(), 0.2f);
        List<SequenceLengths> lengths = List.of(new SequenceLengths(7, 7), new SequenceLengths(33, 33));
        PagedBatch pages = PagedBatch.plan(PageLayout.PADDED, 16, lengths);
        AttentionProblem problem = new AttentionProblem(spec, pages, 1);
        try (AttentionBatch batch = backend.open(spec, pages, true)) {
            problem.fill(batch);
            ElementType.BF16.put(batch.values(), 9 * 64, Float.NaN);
            batch.start();
            problem.assertMatches(problem.read(batch.await()));
        }
    }

    private static int poison(AttentionBatch batch, Random random) {
        AttentionSpec spec = batch.spec();
        PagedBatch pages = batch.pages();
        int sequence = random.nextInt(pages.sequences());
        int width = spec.type().bytes();
        float value = POISONS[random.nextInt(POISONS.length)];
        SequenceLengths lengths = pages.lengths(sequence);
        if (random.nextInt(3) == 0 && lengths.queryTokens() > 0) {
            int token = pages.queryStart(sequence) + random.nextInt(lengths.queryTokens());
            spec.type().put(batch.queries(), token * spec.queryElements() * width, value);
            return sequence;
        }
        boolean key = random.nextBoolean();
        int tokenBytes = (key ? spec.keyElements() : spec.valueElements()) * width;
        Container container = new Container(
                pages, key ? pages.keyTable() : pages.valueTable(), key ? batch.keys() : batch.values(), tokenBytes);
        int first = random.nextInt(lengths.kvTokens());
        int last = random.nextBoolean() ? lengths.kvTokens() : first + 1;
        for (int token = first; token < last; token++) {
            int at = container.slot(sequence, token) * tokenBytes;
            for (int i = 0; i < tokenBytes; i += width) {
                spec.type().put(container.bytes(), at + i, value);
            }
        }
        return sequence;
    }

    private static AttentionSpec spec(Random random) {
        int headDim = new int[] {32, 64, 128}[random.nextInt(3)];
        Mask mask =
                List.of(Mask.none(), Mask.causal(), Mask.causalBottomRight()).get(random.nextInt(3));
        ElementType type = random.nextBoolean() ? ElementType.FP16 : ElementType.BF16;
        return new AttentionSpec(4, 2, headDim, headDim, type, mask, AttentionSpec.defaultScale(headDim));
    }

    private static void copy(ByteBuffer from, int fromAt, ByteBuffer to, int toAt, int bytes) {
        to.put(toAt, from, fromAt, bytes);
        assertThat(to.get(toAt)).isEqualTo(from.get(fromAt));
    }
}
