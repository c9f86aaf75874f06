package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.graph.PlanStatistics;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * Random problems against the fp64 reference. Kinds of attention are few and lengths are many, because each kind costs
 * the building of plans.
 */
@Tag("gpu")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudnnSweepTest {
    private static final int PROBLEMS = Integer.getInteger("pagedattention.test.sweep", 520);
    private static final int KINDS = 40;
    private static final int[] HEAD_DIMS = {16, 32, 40, 64, 64, 72, 80, 96, 128, 128, 192, 256};
    private static final int[] PAGE_SIZES = {1, 16, 64, 128};

    private CudnnAttention backend;

    @BeforeAll
    void open() {
        backend = Gpu.poisoned();
    }

    @AfterAll
    void close() {
        if (backend != null) {
            PlanStatistics plans = backend.planStatistics();
            System.out.printf(
                    "sweep of %d problems: %d plans built in %.1f s, %d hits%n",
                    PROBLEMS, plans.misses(), plans.buildNanos() / 1e9, plans.hits());
            backend.close();
        }
    }

    static IntStream seeds() {
        // several processes can share the sweep: each takes every step-th seed, and so its own kinds
        int first = Integer.getInteger("pagedattention.test.sweep.first", 0);
        int step = Integer.getInteger("pagedattention.test.sweep.step", 1);
        return IntStream.range(0, PROBLEMS).filter(seed -> seed % step == first);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void matchesTheReference(int seed) {
        AttentionProblem problem = problem(seed);
        problem.assertMatches(problem.run(backend));
    }

    /** Long enough for many tiles, and for buckets much larger than the sequence. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("longProblems")
    void attendsOverLongSequences(Mask mask, PageLayout layout, ElementType type) {
        AttentionSpec spec = new AttentionSpec(2, 1, 64, 64, type, mask, AttentionSpec.defaultScale(64));
        List<SequenceLengths> lengths = List.of(
                new SequenceLengths(1100, 1100),
                new SequenceLengths(100, 1500),
                new SequenceLengths(1, 5000),
                new SequenceLengths(300, 40));
        AttentionProblem problem = new AttentionProblem(spec, PagedBatch.plan(layout, 64, lengths), 1);
        problem.assertMatches(problem.run(backend));
        // here no query's own mask ends behind the keys, so that none is needed for padding
        AttentionProblem within = new AttentionProblem(spec, PagedBatch.plan(layout, 64, lengths.subList(0, 3)), 4);
        within.assertMatches(within.run(backend));
        AttentionProblem decode = new AttentionProblem(
                spec,
                PagedBatch.plan(layout, 16, List.of(new SequenceLengths(1, 20000), new SequenceLengths(1, 3))),
                2);
        decode.assertMatches(decode.run(backend));
    }

    static List<Arguments> longProblems() {
        List<Mask> masks = List.of(
                Mask.none(),
                Mask.causal(),
                Mask.causal().withWindow(1000),
                Mask.causalBottomRight(),
                Mask.causalBottomRight().withWindow(1000));
        List<Arguments> problems = new ArrayList<>();
        for (Mask mask : masks) {
            for (PageLayout layout : PageLayout.values()) {
                problems.add(Arguments.of(mask, layout, ElementType.FP16));
            }
            problems.add(Arguments.of(mask, PageLayout.PACKED, ElementType.BF16));
        }
        return problems;
    }

    /** The last thread block of a sequence ends where the page table does, and the next one behind it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("longProblems")
    void attendsAtTheEdgeOfABucket(Mask mask, PageLayout layout, ElementType type) {
        AttentionSpec spec = new AttentionSpec(4, 1, 64, 64, type, mask, AttentionSpec.defaultScale(64));
        for (SequenceLengths edge : List.of(
                new SequenceLengths(100, 228),
                new SequenceLengths(100, 229),
                new SequenceLengths(100, 256),
                new SequenceLengths(100, 996),
                new SequenceLengths(2, 1024),
                new SequenceLengths(129, 1024))) {
            for (int count : new int[] {1, 4}) {
                PagedBatch pages = PagedBatch.plan(layout, 64, Collections.nCopies(count, edge));
                AttentionProblem problem = new AttentionProblem(spec, pages, 5);
                problem.assertMatches(problem.run(backend));
            }
        }
    }

    /** Equal query lengths need no offsets; slots beyond the last sequence are empty, and one has no key. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("longProblems")
    void attendsOverRectangles(Mask mask, PageLayout layout, ElementType type) {
        AttentionSpec spec = new AttentionSpec(4, 2, 64, 32, type, mask, AttentionSpec.defaultScale(64));
        List<SequenceLengths> lengths = List.of(
                new SequenceLengths(256, 256),
                new SequenceLengths(0, 30),
                new SequenceLengths(256, 700),
                new SequenceLengths(256, 1),
                new SequenceLengths(256, 0),
                new SequenceLengths(256, 256));
        for (int from : new int[] {0, lengths.size() - 1}) {
            List<SequenceLengths> some = lengths.subList(from, lengths.size());
            AttentionProblem problem = new AttentionProblem(spec, PagedBatch.plan(layout, 64, some), 3);
            problem.assertMatches(problem.run(backend));
        }
    }

    private static AttentionProblem problem(int seed) {
        Random kind = new Random(1000 + seed % KINDS);
        AttentionSpec spec = spec(kind);
        int pageSize = PAGE_SIZES[kind.nextInt(PAGE_SIZES.length)];
        Random random = new Random(seed);
        List<SequenceLengths> lengths = lengths(random);
        PagedBatch pages = switch (kind.nextInt(3)) {
            case 0 -> PagedBatch.plan(PageLayout.PACKED, pageSize, lengths);
            case 1 -> PagedBatch.plan(PageLayout.PADDED, pageSize, lengths);
            default -> AttentionProblem.shuffledPages(pageSize, lengths, seed);
        };
        return new AttentionProblem(spec, pages, seed);
    }

    private static AttentionSpec spec(Random random) {
        int kvHeads = 1 + random.nextInt(4);
        int queryHeads = kvHeads * (1 + random.nextInt(8));
        int headDim = HEAD_DIMS[random.nextInt(HEAD_DIMS.length)];
        int valueDim = random.nextInt(4) == 0 ? HEAD_DIMS[random.nextInt(HEAD_DIMS.length)] : headDim;
        ElementType type = random.nextBoolean() ? ElementType.FP16 : ElementType.BF16;
        Mask.Band band = Mask.Band.values()[random.nextInt(3)];
        int window = random.nextInt(3) == 0 ? 1 + random.nextInt(100) : 0;
        float scale = AttentionSpec.defaultScale(headDim) * (random.nextInt(4) == 0 ? 2 : 1);
        return new AttentionSpec(queryHeads, kvHeads, headDim, valueDim, type, new Mask(band, window), scale);
    }

    /** Short and long, cross and self, decoding and empty; sometimes all of a kind. */
    private static List<SequenceLengths> lengths(Random random) {
        int style = random.nextInt(5);
        List<SequenceLengths> lengths = new ArrayList<>();
        int count = 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            int kv = 1 + random.nextInt(random.nextInt(4) == 0 ? 600 : 150);
            lengths.add(
                    switch (style) {
                        case 0 -> new SequenceLengths(1, kv);
                        case 1 -> new SequenceLengths(1 + random.nextInt(120), kv);
                        case 2 -> new SequenceLengths(random.nextInt(3), kv);
                        default -> new SequenceLengths(kv, kv);
                    });
        }
        return lengths;
    }
}
