package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** Contexts that all rows have, documents that one pass does not hold, and room for all, some or none of it. */
    @ParameterizedTest
    @CsvSource({"1000000000, 64", "1000000000, 400", "200000, 200", "60000, 130", "1, 200"})
    void givesTheSameWithAnyRoomForWhatIsKept(long keptBytes, int passTokens) {
        try (ModelBackend tight = new CpuModels(BackendSettings.defaults(), keptBytes);
                LikelihoodModel model = open(tight, LikelihoodOptions.defaults());
                LikelihoodModel alone = open(tight, LikelihoodOptions.defaults().withSharePrefixes(false))) {
            for (LikelihoodModel way : List.of(model, alone)) {
                try (LikelihoodFlow flow = way.flow(passTokens, 1024)) {
                    LikelihoodWindow first = flow.open(parts);
                    LikelihoodWindow second = flow.open(parts);
                    assertExpected(flow.await(first));
                    assertExpected(flow.await(second));
                }
            }
        }
    }

    @Test
    void computesAPrefixOnceHoweverManyPassesItTakes() {
        Random random = new Random(8);
        int[] context = random.ints(320, 5, VOCABULARY).toArray();
        List<ScoredTokens> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int[] tokens = Arrays.copyOf(context, 322);
            tokens[320] = 5 + i % 200;
            tokens[321] = 5 + i / 200;
            rows.add(new ScoredTokens(tokens, 2));
        }
        try (LikelihoodModel model = open(cpu, LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(384, 1024)) {
            LikelihoodWindow first = flow.open(rows.subList(0, 250));
            LikelihoodWindow second = flow.open(rows.subList(250, 300));
            flow.await(first);
            flow.await(second);
            assertThat(first.passes()).isGreaterThan(1);
            // the last page of the context is asked for, and computed in each pass
            assertThat(first.tokens()).isLessThan(320 + 64L * first.passes() + 250);
            assertThat(second.tokens()).isLessThanOrEqualTo(64 + 50);
        }
    }

    /** A document in chunks has the very numbers that it has in one pass. */
    @ParameterizedTest
    @CsvSource({"64, 1", "100, 1", "256, 1", "128, 700", "300, 999"})
    void computesALongRowInChunks(int passTokens, int context) {
        int[] tokens = new Random(2).ints(1000, 5, VOCABULARY).toArray();
        List<ScoredTokens> rows = List.of(new ScoredTokens(tokens, tokens.length - context), parts.get(0));
        try (LikelihoodModel model = open(cpu, LikelihoodOptions.defaults());
                LikelihoodFlow whole = model.flow(2000, 1024);
                LikelihoodFlow cut = model.flow(passTokens, 1024)) {
            LikelihoodWindow once = whole.open(rows);
            LikelihoodWindow chunks = cut.open(rows);
            List<Likelihood> wanted = whole.await(once);
            List<Likelihood> found = cut.await(chunks);
            assertThat(chunks.passes()).isGreaterThanOrEqualTo(1000 / Math.max(64, passTokens));
            assertThat(chunks.tokens()).isEqualTo(once.tokens());
            for (int i = 0; i < rows.size(); i++) {
                assertThat(found.get(i).tokenLogProbs()).isEqualTo(wanted.get(i).tokenLogProbs());
                assertThat(found.get(i).greedy()).isEqualTo(wanted.get(i).greedy());
            }
        }
    }

    /** Memory runs out in the middle of a document: what was kept goes, and the rest is computed without it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void computesALongRowWhereMemoryRunsOut(int fails) {
        int[] tokens = new Random(3).ints(500, 5, VOCABULARY).toArray();
        List<ScoredTokens> rows = List.of(new ScoredTokens(tokens, 499), new ScoredTokens(tokens, 20));
        LateBackend late = new LateBackend();
        late.fails = start -> start == fails;
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow whole = model.flow(2000, 1024);
                LikelihoodFlow cut = model.flow(128, 1024)) {
            List<Likelihood> found = cut.await(cut.open(rows));
            List<Likelihood> wanted = whole.await(whole.open(rows));
            for (int i = 0; i < rows.size(); i++) {
                assertThat(found.get(i).tokenLogProbs()).isEqualTo(wanted.get(i).tokenLogProbs());
            }
            assertThat(late.open).isZero();
        }
    }

    /** The next window shares nothing with what the last pass keeps; or has no memory, so that all is let go. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 1, 2})
    void keepsMemoryUntilThePassThatWritesItIsDone(int fails) {
        LateBackend late = new LateBackend();
        late.fails = start -> start == fails;
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(384, 1024)) {
            LikelihoodWindow first = flow.open(behindOneBeginning(1, 60));
            LikelihoodWindow second = flow.open(behindOneBeginning(2, 20));
            assertThat(flow.await(first)).hasSize(60);
            assertThat(flow.await(second)).hasSize(20);
            assertThat(late.open).isZero();
        }
    }

    /** What is kept is given up for others, before the flow looks at it or behind its back. */
    @ParameterizedTest
    @CsvSource({"1, true", "1, false", "2, true", "2, false", "3, true", "3, false"})
    void computesAgainWhatHadToMakeRoom(int every, boolean inSight) {
        LateBackend late = new LateBackend();
        late.loses = kept -> kept % every == 0;
        late.losesInSight = inSight;
        try (LikelihoodModel model = open(late.over(cpu), LikelihoodOptions.defaults());
                LikelihoodFlow flow = model.flow(64, 1024)) {
            LikelihoodWindow first = flow.open(parts);
            LikelihoodWindow second = flow.open(parts);
            assertExpected(flow.await(first));
            assertExpected(flow.await(second));
            assertThat(late.open).isZero();
        }
    }

    private static List<ScoredTokens> behindOneBeginning(int seed, int rows) {
        int[] beginning = new Random(seed).ints(320, 5, VOCABULARY).toArray();
        return IntStream.range(0, rows)
                .mapToObj(i -> {
                    int[] tokens = Arrays.copyOf(beginning, 322);
                    tokens[320] = 5 + i;
                    tokens[321] = 6;
                    return new ScoredTokens(tokens, 2);
                })
                .toList();
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
