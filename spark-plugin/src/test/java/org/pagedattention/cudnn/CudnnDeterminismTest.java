package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** Where it is asked for, no neighbour changes a bit: sequences alone, in other batches, in another order and layout. */
@Tag("gpu")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudnnDeterminismTest {
    private CudnnAttention backend;

    @BeforeAll
    void open() {
        Gpu.require();
        BackendSettings settings = BackendSettings.defaults().withDeterministic(true);
        backend = new CudnnAttention(settings, CudnnOptions.of(settings));
    }

    @AfterAll
    void close() {
        if (backend != null) {
            backend.close();
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 16);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void givesASequenceTheSameBitsInEveryBatch(int seed) {
        Random random = new Random(seed);
        int dim = 64 << random.nextInt(2);
        AttentionSpec spec = new AttentionSpec(
                4,
                1 << random.nextInt(3),
                dim,
                dim,
                random.nextBoolean() ? ElementType.FP16 : ElementType.BF16,
                List.of(
                                Mask.none(),
                                Mask.causal(),
                                Mask.causalBottomRight(),
                                Mask.causal().withWindow(100))
                        .get(random.nextInt(4)),
                AttentionSpec.defaultScale(dim));
        boolean decode = random.nextInt(3) == 0;
        List<SequenceLengths> lengths = IntStream.range(0, 24)
                .mapToObj(i -> new SequenceLengths(
                        decode || i % 5 == 0 ? 1 : 1 + random.nextInt(900), 1 + random.nextInt(decode ? 5000 : 900)))
                .toList();
        AttentionProblem together =
                new AttentionProblem(spec, PagedBatch.plan(PageLayout.PACKED, 64, lengths), random.nextLong());
        AttentionProblem.Outcome expected = together.run(backend);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, lengths.size()).boxed().toList());
        Collections.shuffle(order, random);
        AttentionProblem few = together.of(order.subList(0, 3), PageLayout.PACKED, 64);
        few.assertMatches(few.run(backend));
        for (int size : new int[] {1, 3, 24}) {
            PageLayout layout = PageLayout.values()[random.nextInt(2)];
            for (int from = 0; from < order.size(); from += size) {
                List<Integer> some = order.subList(from, Math.min(order.size(), from + size));
                AttentionProblem.Outcome outcome = together.of(some, layout, 64).run(backend);
                for (int i = 0; i < some.size(); i++) {
                    String what = " of sequence " + some.get(i) + " of " + spec + " in a batch of " + some.size();
                    assertThat(outcome.o()[i]).as("o" + what).isEqualTo(expected.o()[some.get(i)]);
                    assertThat(outcome.lse()[i]).as("lse" + what).isEqualTo(expected.lse()[some.get(i)]);
                }
            }
        }
    }
}
