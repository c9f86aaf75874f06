package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.model.folder.LocalModelFiles;

/** Passes that overlap, on a backend that takes its time and runs out of memory. */
class LikelihoodFlowTest {
    private static final int VOCABULARY = 290;
    private static final int PASS = 400;

    @TempDir
    static Path folder;

    private static LocalModelFiles files;
    private static ModelBackend cpu;
    private static List<ScoredTokens> parts;
    private static List<Likelihood> expected;

    @BeforeAll
    static void load() {
        files = LongContext.write(folder);
        cpu = new CpuModels(BackendSettings.defaults());
        parts = parts(new Random(5));
        try (LikelihoodModel alone = open(cpu, LikelihoodOptions.defaults().withSharePrefixes(false));
                LikelihoodFlow flow = alone.flow(100_000, 1024)) {
            expected = flow.await(flow.open(parts));
        }
    }

    @AfterAll
    static void close() {
        assertThat(cpu.heldBytes()).isZero();
        cpu.close();
    }

    private static LikelihoodModel open(ModelBackend backend, LikelihoodOptions options) {
        return LikelihoodModel.open(files, backend, options, 0);
    }

    /** Continuations behind a few contexts, some of which begin as others do. */
    private static List<ScoredTokens> parts(Random random) {
        List<int[]> contexts = new ArrayList<>();
        for (int length : new int[] {1, 63, 64, 65, 128, 150, 200}) {
            contexts.add(random.ints(length, 5, VOCABULARY).toArray());
        }
        contexts.add(Arrays.copyOf(contexts.get(6), 130));
        List<ScoredTokens> all = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int[] context = contexts.get(random.nextInt(contexts.size()));
            int scored = 1 + random.nextInt(9);
            int[] tokens = Arrays.copyOf(context, context.length + scored);
            for (int t = context.length; t < tokens.length; t++) {
                tokens[t] = 5 + random.nextInt(VOCABULARY - 5);
            }
            all.add(new ScoredTokens(tokens, scored));
        }
        return all;
    }

    private static void assertExpected(List<Likelihood> found) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).tokenLogProbs()).isEqualTo(expected.get(i).tokenLogProbs());
            assertThat(found.get(i).greedy()).isEqualTo(expected.get(i).greedy());
        }
    }

    @Test
    void startsAPassBeforeItWaitsForTheOneBefore() {
        LateBackend late = new LateBackend();
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(PASS, 1024)) {
            LikelihoodWindow window = flow.open(parts);
            assertThat(late.events).containsExactly("start 0", "start 1");
            flow.progress();
            assertThat(late.events).hasSize(2);
            assertExpected(flow.await(window));
            assertThat(window.passes()).isGreaterThan(3);
            for (int pass = 0; pass + 1 < window.passes(); pass++) {
                assertThat(late.events).containsSubsequence("start " + (pass + 1), "read " + pass);
            }
            assertThat(late.open).isZero();
        }
    }

    @Test
    void goesOnWithoutWaitingWhileOtherWorkIsDone() {
        LateBackend late = new LateBackend();
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(PASS, 1024)) {
            LikelihoodWindow window = flow.open(parts);
            late.done = true;
            for (int i = 0; i < 100 && !window.isDone(); i++) {
                flow.progress();
            }
            assertThat(window.isDone()).isTrue();
            LikelihoodWindow next = flow.open(parts);
            LikelihoodWindow last = flow.open(parts);
            assertExpected(flow.await(last));
            assertExpected(flow.await(window));
            assertExpected(flow.await(next));
            assertThat(late.open).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void computesInPartsWhereMemoryRunsOut(int every) {
        LateBackend late = new LateBackend();
        late.fails = start -> start % (every + 1) == every;
        late.mostTokens = 260;
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(PASS, 1024)) {
            LikelihoodWindow first = flow.open(parts);
            LikelihoodWindow second = flow.open(parts);
            assertExpected(flow.await(first));
            assertExpected(flow.await(second));
            assertThat(first.splits()).isPositive();
            assertThat(late.open).isZero();
        }
    }

    @Test
    void saysWhoseRowIsTooLarge() {
        LateBackend late = new LateBackend();
        late.mostTokens = 120;
        List<ScoredTokens> small =
                parts.stream().filter(part -> part.tokens().length < 80).toList();
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(PASS, 1024)) {
            LikelihoodWindow tooLarge = flow.open(parts);
            LikelihoodWindow fits = flow.open(small);
            flow.progress();
            assertThat(flow.await(fits)).hasSameSizeAs(small);
            assertThatThrownBy(() -> flow.await(tooLarge))
                    .isInstanceOf(DeviceMemoryException.class)
                    .hasMessageContaining("no memory for");
            assertThat(late.open).isZero();
        }
    }

    @Test
    void givesUpWhatNobodyWants() {
        LateBackend late = new LateBackend();
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(PASS, 1024)) {
            LikelihoodWindow unwanted = flow.open(parts);
            LikelihoodWindow wanted = flow.open(parts);
            flow.abandon(unwanted);
            assertExpected(flow.await(wanted));
            assertThat(late.open).isZero();
            flow.open(parts);
            assertThat(late.open).isEqualTo(2);
            flow.close();
            assertThat(late.open).isZero();
        }
    }
}
