package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.reference.ReferenceModels;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/** Each family of decoders against the log-probabilities that transformers' own class computed in double precision. */
class DecodersTest {
    private static final double TOLERANCE = 1e-5;

    static List<String> families() {
        return List.of(
                "llama", "llama-linear", "llama-yarn", "llama-biased", "mistral", "qwen2", "qwen3", "gpt2", "gemma3");
    }

    @ParameterizedTest
    @MethodSource("families")
    void computesWhatTransformersComputes(String name) {
        Oracle oracle = Oracle.of(name);
        for (String kernel : List.of("scalar", "vector")) {
            try (ModelBackend backend = cpu(kernel);
                    LanguageModel model = LanguageModel.load(oracle.files(), backend)) {
                checkAll(oracle, backend, model, TOLERANCE);
            }
        }
        try (ModelBackend backend = new ReferenceModels();
                LanguageModel model = LanguageModel.load(oracle.files(), backend)) {
            // transformers keeps some of its sums in fp32 even where the model is in double precision
            checkAll(oracle, backend, model, TOLERANCE / 2);
        }
    }

    private static void checkAll(Oracle oracle, ModelBackend backend, LanguageModel model, double tolerance) {
        List<TokenIds> rows = oracle.sequences();
        float[] all = allLogProbs(backend, model, TokenBatch.of(rows));
        int at = 0;
        for (int i = 0; i < rows.size(); i++) {
            float[] expected = oracle.output(i + ".logprobs");
            for (int j = 0; j < expected.length; j++) {
                double most = tolerance * Math.max(1, Math.abs(expected[j]));
                assertThat((double) all[2 * (at + j)]).isCloseTo(expected[j], within(most));
            }
            for (int token = 0; token < rows.get(i).length(); token++) {
                checkLargest(expected, all, at, token * model.vocabulary(), model.vocabulary());
            }
            at += expected.length;
        }
    }

    /** One token of a row is marked, and it is the most probable one. */
    private static void checkLargest(float[] expected, float[] all, int at, int from, int vocabulary) {
        int best = from;
        for (int j = from; j < from + vocabulary; j++) {
            best = expected[j] > expected[best] ? j : best;
        }
        for (int j = from; j < from + vocabulary; j++) {
            assertThat(all[2 * (at + j) + 1]).isEqualTo(j == best ? 1 : 0);
        }
    }

    /** Of every token of the vocabulary behind every token of a batch, {@code [tokens, vocabulary, 2]}. */
    private static float[] allLogProbs(ModelBackend backend, LanguageModel model, TokenBatch batch) {
        int vocabulary = model.vocabulary();
        int[] rows = IntStream.range(0, batch.tokens() * vocabulary)
                .map(i -> i / vocabulary)
                .toArray();
        int[] targets = IntStream.range(0, rows.length).map(i -> i % vocabulary).toArray();
        try (Pass pass = backend.begin(batch.pages())) {
            Tensor hidden = model.forward(pass, batch);
            assertThat(hidden.shape().sizes()).containsExactly(batch.tokens(), model.hidden());
            return pass.read(model.logProbs(pass, hidden, rows, targets)).array();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void givesTheSameBitsWhateverTheBatch(String name) {
        Oracle oracle = Oracle.of(name);
        try (ModelBackend backend = cpu("vector");
                LanguageModel model = LanguageModel.load(oracle.files(), backend)) {
            List<TokenIds> rows = oracle.sequences();
            TokenIds row = rows.get(2);
            float[] alone = allLogProbs(backend, model, TokenBatch.of(List.of(row)));
            List<TokenIds> many = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                many.add(rows.get(i % 2));
                many.add(row);
            }
            TokenBatch batch = TokenBatch.of(many);
            float[] together = allLogProbs(backend, model, batch);
            for (int i = 1; i < many.size(); i += 2) {
                int from = batch.pages().queryStart(i) * model.vocabulary() * 2;
                assertThat(Arrays.copyOfRange(together, from, from + alone.length))
                        .isEqualTo(alone);
            }
        }
    }

    /** A row's first tokens are there once for three rows, and each of those has some of its own behind them. */
    @ParameterizedTest
    @MethodSource("families")
    void computesRowsThatShareTheirFirstTokens(String name) {
        Oracle oracle = Oracle.of(name);
        int[] ids = oracle.sequences().get(2).ids();
        for (int shared : new int[] {4, 8, 16}) {
            try (ModelBackend backend = cpu("vector");
                    LanguageModel model = LanguageModel.load(oracle.files(), backend)) {
                float[] whole = allLogProbs(backend, model, TokenBatch.of(List.of(TokenIds.of(ids))));
                TokenBatch batch = sharing(ids, shared, 3);
                float[] all = allLogProbs(backend, model, batch);
                int numbers = 2 * model.vocabulary();
                for (int i = 0; i < 4; i++) {
                    int from = batch.pages().queryStart(i) * numbers;
                    int to = batch.pages().queryStart(i + 1) * numbers;
                    int at = i == 0 ? 0 : shared * numbers;
                    assertThat(Arrays.copyOfRange(all, from, to))
                            .isEqualTo(Arrays.copyOfRange(whole, at, at + to - from));
                }
            }
        }
    }

    private static TokenBatch sharing(int[] ids, int shared, int rows) {
        int page = 4;
        int own = ids.length - shared;
        int[][] table = new int[rows + 1][];
        int[] all = Arrays.copyOf(ids, shared + rows * own);
        List<SequenceLengths> lengths = new ArrayList<>();
        lengths.add(new SequenceLengths(shared, shared));
        table[0] = IntStream.range(0, shared / page).map(i -> i * page).toArray();
        for (int row = 1; row <= rows; row++) {
            int start = shared + (row - 1) * own;
            System.arraycopy(ids, shared, all, start, own);
            lengths.add(new SequenceLengths(own, ids.length));
            IntStream pages = IntStream.range(0, PagedBatch.pagesFor(own, page)).map(i -> start + i * page);
            table[row] = IntStream.concat(Arrays.stream(table[0]), pages).toArray();
        }
        PageTable tables = new PageTable(table);
        PagedBatch pages = PagedBatch.of(PageLayout.PACKED, page, lengths, tables, tables, all.length + page - 1);
        return new TokenBatch(all, new int[all.length], pages);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-text"})
    void scoresTexts(String name) {
        Oracle oracle = Oracle.of(name);
        try (ModelBackend backend = cpu("auto");
                LanguageModel model = LanguageModel.load(oracle.files(), backend)) {
            List<Oracle.Case> cases = oracle.cases("texts");
            int compared = 0;
            for (int i = 0; i < cases.size(); i++) {
                int[] ids = cases.get(i).tokens().ids();
                float[] expected = oracle.output("text." + i + ".logprobs");
                TokenBatch batch = TokenBatch.of(List.of(TokenIds.of(ids)));
                try (Pass pass = backend.begin(batch.pages())) {
                    int[] rows = IntStream.range(0, ids.length - 1).toArray();
                    int[] targets = Arrays.copyOfRange(ids, 1, ids.length);
                    Tensor made = model.logProbs(pass, model.forward(pass, batch), rows, targets);
                    float[] all = pass.read(made).array();
                    for (int j = 0; j < expected.length; j++) {
                        double most = TOLERANCE * Math.max(1, Math.abs(expected[j]));
                        assertThat((double) all[2 * j]).isCloseTo(expected[j], within(most));
                        compared++;
                    }
                }
            }
            assertThat(compared).isGreaterThan(100);
        }
    }

    @Test
    void saysWhatItUnderstood() {
        try (ModelBackend backend = cpu("auto");
                LanguageModel model = LanguageModel.load(Oracle.of("qwen3").files(), backend)) {
            assertThat(model.description())
                    .isEqualTo("Qwen3 of 2 layers, 4 heads (2 of keys and values) and width 32, 96 tokens");
            assertThat(model.rules().longest()).isEqualTo(64);
            assertThat(model.problem(TokenIds.of(96)))
                    .hasValueSatisfying(problem -> assertThat(problem).contains("96 is not from 0 to 95"));
        }
    }

    private static ModelBackend cpu(String kernel) {
        return new CpuModels(BackendSettings.defaults().withThreads(2).withKernel(kernel));
    }
}
