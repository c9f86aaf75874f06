package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What every {@link AttentionBackend} must do; {@link ReferenceAttention} is the judge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AttentionBackendContract {
    private AttentionBackend backend;

    /** A backend to test; closed after each test. */
    protected abstract AttentionBackend create();

    /** Seeded random problems to try. */
    protected int randomProblems() {
        return 60;
    }

    @BeforeEach
    void open() {
        backend = create();
    }

    @AfterEach
    void close() {
        backend.close();
    }

    final Stream<ElementType> types() {
        try (AttentionBackend probe = create()) {
            return Arrays.stream(ElementType.values()).filter(probe::supports).toList().stream();
        }
    }

    final Stream<Mask> masks() {
        return Stream.of(Mask.none(), Mask.causal(), Mask.causalBottomRight())
                .flatMap(mask -> Stream.of(mask, mask.withWindow(1), mask.withWindow(5), mask.withWindow(64)));
    }

    @ParameterizedTest
    @MethodSource("types")
    void attendsAtEdgeLengths(ElementType type) {
        for (PageLayout layout : PageLayout.values()) {
            AttentionSpec spec = spec(4, 2, 64, 64, type, Mask.causal());
            check(AttentionProblem.selfAttention(spec, layout, 16, 1, 1, 15, 16, 17, 31, 32, 33, 64, 130));
        }
    }

    @ParameterizedTest
    @MethodSource("masks")
    void masksRaggedSequences(Mask mask) {
        List<SequenceLengths> lengths = List.of(
                lengths(1, 1), lengths(1, 70), lengths(7, 40), lengths(40, 7), lengths(65, 65), lengths(33, 128));
        for (PageLayout layout : PageLayout.values()) {
            AttentionSpec spec = spec(4, 2, 32, 32, anyType(), mask);
            check(new AttentionProblem(spec, PagedBatch.plan(layout, 16, lengths), 2));
        }
    }

    @ParameterizedTest
    @MethodSource("masks")
    void decodesOneQuery(Mask mask) {
        List<SequenceLengths> lengths = List.of(lengths(1, 1), lengths(1, 16), lengths(1, 100), lengths(1, 257));
        for (PageLayout layout : PageLayout.values()) {
            AttentionSpec spec = spec(8, 2, 64, 64, anyType(), mask);
            check(new AttentionProblem(spec, PagedBatch.plan(layout, 16, lengths), 3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 64, 128, 1024})
    void readsPagesOfAnySize(int pageSize) {
        for (PageLayout layout : PageLayout.values()) {
            AttentionSpec spec = spec(2, 1, 64, 64, anyType(), Mask.causal());
            check(AttentionProblem.selfAttention(spec, layout, pageSize, 4, 1, 63, 200, 129));
        }
    }

    @Test
    void followsThePageTables() {
        List<SequenceLengths> lengths = List.of(lengths(50, 50), lengths(3, 90), lengths(16, 16), lengths(20, 200));
        AttentionSpec spec = spec(4, 4, 32, 32, anyType(), Mask.none());
        check(new AttentionProblem(spec, AttentionProblem.shuffledPages(8, lengths, 5), 5));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 8, 16, 24, 40, 64, 72, 80, 96, 100, 128, 192, 256})
    void takesAnyHeadDim(int headDim) {
        AttentionSpec spec = spec(2, 1, headDim, headDim, anyType(), Mask.causal());
        check(AttentionProblem.selfAttention(spec, PageLayout.PACKED, 16, 6, 40, 17));
        check(AttentionProblem.selfAttention(spec, PageLayout.PADDED, 16, 6, 40, 17));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 36, 64, 128})
    void takesValuesOfAnotherDim(int valueDim) {
        AttentionSpec spec = spec(6, 3, 64, valueDim, anyType(), Mask.causal());
        check(AttentionProblem.selfAttention(spec, PageLayout.PACKED, 64, 7, 100, 3, 64));
        check(AttentionProblem.selfAttention(spec, PageLayout.PADDED, 64, 7, 100, 3, 64));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 12})
    void sharesKvHeads(int kvHeads) {
        AttentionSpec spec = spec(12, kvHeads, 16, 16, anyType(), Mask.causal());
        check(AttentionProblem.selfAttention(spec, PageLayout.PACKED, 16, 8, 33, 64));
    }

    @ParameterizedTest
    @EnumSource(PageLayout.class)
    void acceptsEmptySequences(PageLayout layout) {
        List<SequenceLengths> lengths =
                List.of(lengths(0, 0), lengths(5, 5), lengths(0, 9), lengths(0, 0), lengths(17, 17), lengths(0, 0));
        AttentionSpec spec = spec(2, 2, 32, 32, anyType(), Mask.causal());
        check(new AttentionProblem(spec, PagedBatch.plan(layout, 16, lengths), 9));
        check(new AttentionProblem(spec, PagedBatch.plan(layout, 16, List.of(lengths(0, 0))), 9));
        check(new AttentionProblem(spec, PagedBatch.plan(layout, 16, List.of()), 9));
    }

    @Test
    void appliesTheScale() {
        for (float scale : new float[] {0f, 0.01f, 1f, -0.25f}) {
            AttentionSpec spec = new AttentionSpec(2, 2, 32, 32, anyType(), Mask.none(), scale);
            check(AttentionProblem.selfAttention(spec, PageLayout.PACKED, 16, 10, 50));
        }
    }

    /** Scores as far up and down as the backend says they may be: alike, so that rounding makes no key weigh more. */
    @ParameterizedTest
    @MethodSource("types")
    void keepsEveryKeyAtItsLargestScores(ElementType type) {
        for (float scale : new float[] {AttentionSpec.defaultScale(64), 1, 0x1p-20f}) {
            AttentionSpec spec = new AttentionSpec(2, 1, 64, 64, type, Mask.causal(), scale);
            double below = Math.scalb(1 - 0x1p-8, spec.inputExponent(backend.scoreExponent()));
            float large = type.round((float) Math.min(type.largest(), below));
            AttentionProblem problem = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 16, 21, 40, 70, 33, 1);
            for (int i = 0; i < problem.q.length; i++) {
                Arrays.fill(problem.q[i], large);
                Arrays.fill(problem.k[i], i % 2 == 0 ? -large : large);
            }
            // a few keys of the third sequence have the opposite score, and so all the weight
            Arrays.fill(problem.k[2], 5 * 64, 9 * 64, large);
            check(problem);
        }
    }

    @ParameterizedTest
    @EnumSource(PageLayout.class)
    protected void keepsNonFiniteSequencesApart(PageLayout layout) {
        AttentionSpec spec = spec(2, 1, 32, 32, anyType(), Mask.causal());
        int[] tokens = {20, 33, 20, 16, 50, 7};
        AttentionProblem problem = AttentionProblem.selfAttention(spec, layout, 16, 11, tokens);
        Arrays.fill(problem.v[1], Float.NaN);
        problem.k[3][5] = Float.NaN;
        Arrays.fill(problem.v[3], Float.POSITIVE_INFINITY);
        AttentionProblem.Outcome outcome = problem.run(backend);
        for (int good : new int[] {0, 2, 4, 5}) {
            problem.assertMatches(outcome, good);
        }
        assertThat(outcome.o()[1]).containsOnly(Float.NaN);
        assertThat(outcome.o()[3][outcome.o()[3].length - 1]).isNaN();
    }

    @Test
    void leavesTheLseOutWhenNotAsked() {
        AttentionSpec spec = spec(2, 2, 32, 32, anyType(), Mask.causal());
        AttentionProblem problem = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 16, 12, 30, 40);
        try (AttentionBatch batch = backend.open(spec, problem.pages, false)) {
            problem.fill(batch);
            batch.start();
            assertThat(batch.await().lse()).isNull();
        }
    }

    @Test
    void givesTheSameBytesAgain() {
        AttentionSpec spec = spec(4, 2, 64, 64, anyType(), Mask.causal());
        AttentionProblem problem = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 64, 13, 300, 20, 77);
        float[][] first = problem.run(backend).o();
        assertThat(problem.run(backend).o()).isDeepEqualTo(first);
    }

    @Test
    void overlapsBatchesOfOneThread() {
        AttentionSpec spec = spec(2, 2, 64, 64, anyType(), Mask.causal());
        AttentionProblem one = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 64, 14, 100, 20);
        AttentionProblem two = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 64, 15, 64, 90);
        try (AttentionBatch first = backend.open(spec, one.pages, true);
                AttentionBatch second = backend.open(spec, two.pages, true)) {
            one.fill(first);
            first.start();
            two.fill(second);
            second.start();
            one.assertMatches(one.read(first.await()));
            two.assertMatches(two.read(second.await()));
        }
    }

    @Test
    void servesSeveralThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int seed = 100 + i;
                runs.add(threads.submit(() -> check(randomProblem(seed))));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    final IntStream seeds() {
        return IntStream.range(0, randomProblems());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void matchesTheReferenceOnRandomProblems(int seed) {
        check(randomProblem(seed));
    }

    private AttentionProblem randomProblem(int seed) {
        Random random = new Random(seed);
        List<ElementType> types = types().toList();
        int kvHeads = 1 + random.nextInt(4);
        int queryHeads = kvHeads * (1 + random.nextInt(4));
        int headDim = 8 * (1 + random.nextInt(16));
        int valueDim = random.nextInt(3) == 0 ? 8 * (1 + random.nextInt(16)) : headDim;
        List<Mask> masks = masks().toList();
        Mask mask = masks.get(random.nextInt(masks.size()));
        AttentionSpec spec =
                spec(queryHeads, kvHeads, headDim, valueDim, types.get(random.nextInt(types.size())), mask);
        int pageSize = 1 << random.nextInt(8);
        boolean self = random.nextBoolean();
        List<SequenceLengths> lengths = IntStream.range(0, 1 + random.nextInt(6))
                .mapToObj(i -> {
                    int kv = 1 + random.nextInt(180);
                    return lengths(self ? kv : 1 + random.nextInt(90), kv);
                })
                .toList();
        PagedBatch pages = switch (random.nextInt(3)) {
            case 0 -> PagedBatch.plan(PageLayout.PACKED, pageSize, lengths);
            case 1 -> PagedBatch.plan(PageLayout.PADDED, pageSize, lengths);
            default -> AttentionProblem.shuffledPages(pageSize, lengths, seed);
        };
        return new AttentionProblem(spec, pages, seed);
    }

    /** What else a backend promises of every problem here, whose results are within tolerance. */
    protected void checkMore(AttentionProblem problem, AttentionProblem.Outcome outcome) {}

    private void check(AttentionProblem problem) {
        AttentionProblem.Outcome outcome = problem.run(backend);
        problem.assertMatches(outcome);
        checkMore(problem, outcome);
    }

    private ElementType anyType() {
        return types().findFirst().orElseThrow();
    }

    private static AttentionSpec spec(
            int queryHeads, int kvHeads, int headDim, int valueDim, ElementType type, Mask mask) {
        return new AttentionSpec(
                queryHeads, kvHeads, headDim, valueDim, type, mask, AttentionSpec.defaultScale(headDim));
    }

    private static SequenceLengths lengths(int queries, int keys) {
        return new SequenceLengths(queries, keys);
    }
}
