package org.pagedattention.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cpu.CpuAttention;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** A sequence's result is its own: neither its neighbours nor threads, pages or layouts change one bit of it. */
class CpuIndependenceTest {
    private static final float[] POISON = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};

    /** One random trial. */
    record Trial(String kernel, PageLayout layout, long seed) {}

    static Stream<Trial> trials() {
        return Stream.of("vector", "scalar")
                .flatMap(kernel -> Stream.of(PageLayout.values())
                        .flatMap(layout -> IntStream.range(0, 12).mapToObj(seed -> new Trial(kernel, layout, seed))));
    }

    @ParameterizedTest
    @MethodSource("trials")
    void batchCompositionAndThreadsChangeNoBit(Trial trial) {
        Random random = new Random(trial.seed());
        AttentionProblem together = random(trial, random);
        AttentionProblem.Outcome expected = run(together, trial.kernel(), 1);
        List<Integer> order = new ArrayList<>(
                IntStream.range(0, together.pages.sequences()).boxed().toList());
        Collections.shuffle(order, random);
        assertSameBits(expected, together, order, trial, 1 << random.nextInt(8));
        for (int i : order) {
            assertSameBits(expected, together, List.of(i), trial, 64);
        }
    }

    @ParameterizedTest
    @MethodSource("trials")
    void poisonedSequencesChangeNoBitOfOthers(Trial trial) {
        Random random = new Random(1000 + trial.seed());
        AttentionProblem problem = random(trial, random);
        AttentionProblem.Outcome clean = run(problem, trial.kernel(), 2);
        BitSet poisoned = new BitSet();
        for (int i = 0; i < problem.pages.sequences(); i++) {
            if (random.nextBoolean()) {
                poisoned.set(i);
                poison(
                        random,
                        Stream.of(problem.q, problem.k, problem.v).toList().get(random.nextInt(3))[i]);
            }
        }
        AttentionProblem.Outcome outcome = run(problem, trial.kernel(), 2);
        for (int i = 0; i < problem.pages.sequences(); i++) {
            if (!poisoned.get(i)) {
                assertSameBits("o of sequence " + i, clean.o()[i], outcome.o()[i]);
                assertSameBits("lse of sequence " + i, clean.lse()[i], outcome.lse()[i]);
            }
        }
    }

    private static void assertSameBits(
            AttentionProblem.Outcome expected, AttentionProblem all, List<Integer> some, Trial trial, int pageSize) {
        PageLayout other = trial.layout() == PageLayout.PACKED ? PageLayout.PADDED : PageLayout.PACKED;
        AttentionProblem.Outcome outcome = run(all.of(some, other, pageSize), trial.kernel(), 4);
        for (int i = 0; i < some.size(); i++) {
            String name = " of sequence " + some.get(i) + " of " + all.spec;
            assertSameBits("o" + name, expected.o()[some.get(i)], outcome.o()[i]);
            assertSameBits("lse" + name, expected.lse()[some.get(i)], outcome.lse()[i]);
        }
    }

    private static AttentionProblem.Outcome run(AttentionProblem problem, String kernel, int threads) {
        BackendSettings settings =
                BackendSettings.defaults().withThreads(threads).withKernel(kernel);
        try (CpuAttention backend = new CpuAttention(settings)) {
            return problem.run(backend);
        }
    }

    /** Long sequences with several query heads a KV head: what threads share out is cut differently for each batch. */
    private static AttentionProblem random(Trial trial, Random random) {
        int kvHeads = 1 + random.nextInt(2);
        int headDim = 8 * (1 + random.nextInt(4));
        Mask.Band band = Mask.Band.values()[random.nextInt(Mask.Band.values().length)];
        AttentionSpec spec = new AttentionSpec(
                kvHeads * (1 + random.nextInt(4)),
                kvHeads,
                headDim,
                headDim,
                ElementType.values()[random.nextInt(3)],
                new Mask(band, random.nextInt(3) * (1 + random.nextInt(150))),
                AttentionSpec.defaultScale(headDim));
        List<SequenceLengths> lengths = IntStream.range(0, 2 + random.nextInt(5))
                .mapToObj(i -> new SequenceLengths(random.nextInt(300), 1 + random.nextInt(300)))
                .toList();
        return new AttentionProblem(
                spec, PagedBatch.plan(trial.layout(), 1 << random.nextInt(8), lengths), random.nextLong());
    }

    private static void poison(Random random, float[] values) {
        for (int i = 0; values.length > 0 && i < 1 + random.nextInt(20); i++) {
            values[random.nextInt(values.length)] = POISON[random.nextInt(POISON.length)];
        }
    }

    private static void assertSameBits(String what, float[] expected, float[] actual) {
        assertThat(Arrays.mismatch(expected, actual))
                .as(what + ": first difference")
                .isEqualTo(-1);
    }
}
