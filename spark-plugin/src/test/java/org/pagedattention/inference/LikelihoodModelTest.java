package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
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
import org.pagedattention.backend.reference.ReferenceModels;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.likelihood.UnscorableRow;
import org.pagedattention.model.Oracle;
import org.pagedattention.model.folder.LocalModelFiles;

class LikelihoodModelTest {
    private static final int VOCABULARY = 290;
    private static final int PAGE = 64;

    @TempDir
    static Path folder;

    private static ModelBackend backend;
    private static LikelihoodModel sharing;
    private static LikelihoodModel alone;

    @BeforeAll
    static void load() {
        LocalModelFiles files = LongContext.write(folder);
        backend = new CpuModels(BackendSettings.defaults());
        sharing = LikelihoodModel.open(files, backend, LikelihoodOptions.defaults(), 0);
        alone = LikelihoodModel.open(
                files, backend, LikelihoodOptions.defaults().withSharePrefixes(false), 0);
    }

    @AfterAll
    static void close() {
        sharing.close();
        alone.close();
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    /** Each prefix ends before, at and behind the end of a page, and is had by one row or by many. */
    @ParameterizedTest
    @CsvSource({
        "0, 7",
        "1, 7",
        "63, 7",
        "64, 7",
        "65, 7",
        "127, 7",
        "128, 7",
        "129, 7",
        "300, 1",
        "300, 2",
        "300, 40",
        "64, 1000",
        "130, 1000"
    })
    void givesARowTheSameHoweverManyShareItsPrefix(int prefix, int fanOut) {
        Random random = new Random(31L * prefix + fanOut);
        int[] common = random(random, prefix);
        List<ScoredRow> rows = new ArrayList<>();
        for (int i = 0; i < fanOut; i++) {
            rows.add(row(common, random(random, 1 + random.nextInt(i % 10 == 0 ? 90 : 4))));
        }
        assertSame(rows, 100_000);
        assertSame(rows, 200);
    }

    /** Prefixes within prefixes, of which few are had by most rows. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void givesARowTheSameInATreeOfPrefixes(int seed) {
        Random random = new Random(seed);
        List<int[]> contexts = new ArrayList<>(List.of(new int[0]));
        List<ScoredRow> rows = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int[] other = contexts.get((int) (contexts.size() * Math.pow(random.nextDouble(), 3)));
            int[] context = concat(
                    Arrays.copyOf(other, random.nextInt(other.length + 1)),
                    random(random, random.nextInt(3) == 0 ? PAGE : random.nextInt(2 * PAGE)));
            contexts.add(context.length > 600 ? new int[0] : context);
            rows.add(row(context, random(random, 1 + random.nextInt(5))));
            if (random.nextInt(4) == 0) {
                rows.add(rows.get(random.nextInt(rows.size())));
            }
        }
        assertSame(rows, 100_000);
        assertSame(rows, 700);
    }

    /** With windows, norms of heads, biases and several kinds of turned positions. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama-yarn", "mistral", "qwen2", "qwen3", "gemma3"})
    void sharesPrefixesInEveryFamily(String family, @TempDir Path other) {
        LocalModelFiles files = LongContext.write(family, other);
        LikelihoodOptions options = LikelihoodOptions.defaults();
        try (LikelihoodModel together = LikelihoodModel.open(files, backend, options, 0);
                LikelihoodModel apart = LikelihoodModel.open(files, backend, options.withSharePrefixes(false), 0)) {
            Random random = new Random(family.hashCode());
            int[] common = random.ints(2 * PAGE + 7, 5, 90).toArray();
            List<ScoredRow> rows = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                int[] context = Arrays.copyOf(common, i % 3 == 0 ? PAGE + i : common.length);
                rows.add(row(context, random.ints(1 + i % 5, 5, 90).toArray()));
            }
            assertSame(together, apart, rows, 100_000);
        }
    }

    private static void assertSame(List<ScoredRow> rows, long most) {
        assertSame(sharing, alone, rows, most);
    }

    private static void assertSame(LikelihoodModel together, LikelihoodModel apart, List<ScoredRow> rows, long most) {
        List<Likelihood> expected = apart.score(rows, most);
        List<Likelihood> found = together.score(rows, most);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < rows.size(); i++) {
            // the CPU computes the very same sums
            assertThat(found.get(i).tokenLogProbs()).isEqualTo(expected.get(i).tokenLogProbs());
            assertThat(found.get(i).sum()).isEqualTo(expected.get(i).sum());
            assertThat(found.get(i).greedy()).isEqualTo(expected.get(i).greedy());
        }
    }

    @Test
    void computesAPrefixOnceAndEachQuestionOnce() {
        Random random = new Random(4);
        int[] common = random(random, 2 * PAGE);
        List<ScoredTokens> parts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            // one token each is not fed: what is fed is the prefix alone
            parts.addAll(row(common, new int[] {i}).parts());
        }
        assertThat(tokens(sharing, parts)).isEqualTo(2 * PAGE);
        assertThat(tokens(alone, parts)).isEqualTo(20 * 2 * PAGE);
        assertThat(passes(sharing, parts, 1024)).isEqualTo(1);
        assertThat(passes(sharing, parts, 10)).isEqualTo(4);
        assertThat(passes(alone, parts, 10)).isGreaterThan(1);
    }

    private static int passes(LikelihoodModel model, List<ScoredTokens> parts, int mostSequences) {
        try (LikelihoodFlow flow = model.flow(100_000, mostSequences)) {
            LikelihoodWindow window = flow.open(parts);
            assertThat(flow.await(window)).hasSize(parts.size());
            return window.passes();
        }
    }

    private static long tokens(LikelihoodModel model, List<ScoredTokens> parts) {
        try (LikelihoodFlow flow = model.flow(100_000, 1024)) {
            LikelihoodWindow window = flow.open(parts);
            assertThat(flow.await(window)).hasSize(parts.size());
            return window.tokens();
        }
    }

    @Test
    void agreesWithTheReference() throws UnscorableRow {
        LocalModelFiles files = Oracle.of("llama-text").files();
        try (ModelBackend exact = new ReferenceModels();
                LikelihoodModel reference = LikelihoodModel.open(files, exact, LikelihoodOptions.defaults(), 0);
                LikelihoodModel model = LikelihoodModel.open(files, backend, LikelihoodOptions.defaults(), 0)) {
            List<ScoredRow> rows = List.of(
                    model.rules().text("The lazy dog's café, 42 times!"),
                    model.rules().text(""),
                    model.rules().continuation("The lazy dog ", "sleeps"),
                    model.rules().continuation("The lazy dog", " runs"),
                    model.rules().continuation("", "runs"),
                    model.rules().rolling("a table of rows and columns, ".repeat(12)));
            List<Likelihood> found = model.score(rows, 1000);
            List<Likelihood> expected = reference.score(rows, 1000);
            for (int i = 0; i < rows.size(); i++) {
                assertThat(found.get(i).sum())
                        .isCloseTo(
                                expected.get(i).sum(),
                                within(1e-5 * Math.max(1, rows.get(i).tokens())));
                assertThat(found.get(i).greedy()).isEqualTo(expected.get(i).greedy());
                assertThat(found.get(i).tokenLogProbs()).hasSize(rows.get(i).tokens());
            }
            assertThat(found.get(1))
                    .isEqualTo(new Likelihood(0, true, found.get(1).tokenLogProbs()));
            assertThat(rows.get(5).parts().size()).isGreaterThan(2);
        }
    }

    /** The probabilities of all tokens behind a context add up to 1, and one of them is the greedy one. */
    @Test
    void findsEveryTokenThatMayComeNext() {
        int[] context = random(new Random(9), 70);
        List<ScoredRow> rows = IntStream.range(0, VOCABULARY)
                .mapToObj(id -> row(context, new int[] {id}))
                .toList();
        List<Likelihood> all = sharing.score(rows, 1000);
        assertThat(all.stream().mapToDouble(each -> Math.exp(each.sum())).sum()).isCloseTo(1, within(1e-5));
        assertThat(all.stream().filter(Likelihood::greedy)).hasSize(1);
        Likelihood best = all.stream().filter(Likelihood::greedy).findFirst().orElseThrow();
        assertThat(best.sum())
                .isEqualTo(all.stream().mapToDouble(Likelihood::sum).max().orElseThrow());
    }

    @Test
    void namesTokensThatTheModelDoesNotHave() {
        assertThat(sharing.problem(row(new int[] {5}, new int[] {VOCABULARY - 1})))
                .isEmpty();
        assertThat(sharing.problem(row(new int[] {5}, new int[] {VOCABULARY})))
                .hasValueSatisfying(problem -> assertThat(problem).contains("token id 290 is not from 0 to 289"));
        assertThat(sharing.problem(row(new int[] {-1, 5}, new int[] {5}))).isPresent();
    }

    @Test
    void saysWhatIsUnderstoodOfAFolder() {
        assertThat(sharing.description()).contains("fed up to 4096 tokens, token 0 before a text");
        assertThat(sharing.longest()).isEqualTo(LongContext.LONGEST);
        assertThat(sharing.vocabulary()).isEqualTo(VOCABULARY);
    }

    @Test
    void refusesWhatItCannotDo(@TempDir Path other) throws IOException {
        LocalModelFiles files = LongContext.write(other);
        assertThatThrownBy(() -> LikelihoodModel.open(files, backend, LikelihoodOptions.defaults(), 5000))
                .hasMessageContaining("at most 5000 tokens a row were asked for");
        assertThatThrownBy(() -> LikelihoodModel.open(
                        files, backend, LikelihoodOptions.defaults().withPrefixToken(290), 0))
                .hasMessageContaining("the prefix token 290 is not from 0 to 289");
        Files.writeString(other.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}");
        assertThatThrownBy(() -> LikelihoodModel.open(files, backend, LikelihoodOptions.defaults(), 0))
                .hasMessageContaining("bos_token or an eos_token");
        String tokenizer = Files.readString(other.resolve("tokenizer.json"));
        Files.writeString(
                other.resolve("tokenizer.json"),
                tokenizer.replaceAll(
                        "(?s)\"single\": \\[.*?\\],\\s*\"pair\"",
                        "\"single\": [{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}, {\"SpecialToken\": {\"id\":"
                                + " \"<s>\", \"type_id\": 0}}], \"pair\""));
        assertThatThrownBy(() -> LikelihoodModel.open(
                        files, backend, LikelihoodOptions.defaults().withPrefixToken(1), 0))
                .hasMessageContaining("special tokens behind a text");
        LikelihoodOptions none = LikelihoodOptions.defaults().withPrefixToken(1).withSpecialTokens(false);
        LikelihoodModel.open(files, backend, none, 0).close();
        assertThatThrownBy(() -> LikelihoodModel.open(
                        Oracle.of("bert-classifier").files(), backend, LikelihoodOptions.defaults(), 0))
                .hasMessageContaining("decoder");
    }

    private static ScoredRow row(int[] context, int[] continuation) {
        try {
            return sharing.rules().continuation(context, continuation);
        } catch (UnscorableRow e) {
            throw new IllegalStateException(e);
        }
    }

    /** Token ids that are no prefix token. */
    private static int[] random(Random random, int count) {
        return random.ints(count, 5, VOCABULARY).toArray();
    }

    private static int[] concat(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
