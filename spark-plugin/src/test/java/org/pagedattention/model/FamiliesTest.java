package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;

/** Each family against what transformers' own class computed in double precision. */
class FamiliesTest {
    private static final double TOLERANCE = 5e-6;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert-classifier",
                "distilbert-classifier",
                "roberta-reranker",
                "xlm-roberta-reranker",
                "modernbert-classifier"
            })
    void computesWhatTransformersComputes(String name) {
        Oracle oracle = Oracle.of(name);
        try (ModelBackend backend = backend();
                ClassificationModel model = ClassificationModel.load(oracle.files(), backend)) {
            for (String kind : List.of("text", "pair")) {
                List<TokenIds> rows = rows(model, oracle, kind + "s");
                float[] logits = read(backend, rows, model::forward);
                int labels = model.labels().names().size();
                for (int i = 0; i < rows.size(); i++) {
                    float[] expected = oracle.output(kind + "." + i + ".logits");
                    assertClose(Arrays.copyOfRange(logits, i * labels, (i + 1) * labels), expected);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert-classifier",
                "distilbert-classifier",
                "roberta-reranker",
                "xlm-roberta-reranker",
                "modernbert-classifier"
            })
    void computesTheSameHiddenStates(String name) {
        Oracle oracle = Oracle.of(name);
        try (ModelBackend backend = backend();
                WeightLoader loader = new WeightLoader(backend)) {
            Family family = Families.of(JsonFile.read(oracle.files(), "config.json"));
            Body body = family.body(Checkpoint.open(oracle.files(), ""), loader);
            int compared = 0;
            for (int i = 0; i < oracle.cases("texts").size(); i++) {
                if (oracle.has("text." + i + ".hidden")) {
                    List<TokenIds> row =
                            List.of(untyped(body, oracle.cases("texts").get(i).tokens()));
                    assertClose(read(backend, row, body::forward), oracle.output("text." + i + ".hidden"));
                    compared++;
                }
            }
            assertThat(compared).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-classifier", "roberta-reranker", "modernbert-classifier"})
    void givesTheSameBitsWhateverTheBatch(String name) {
        Oracle oracle = Oracle.of(name);
        try (ModelBackend backend = backend();
                ClassificationModel model = ClassificationModel.load(oracle.files(), backend)) {
            int labels = model.labels().names().size();
            List<TokenIds> rows = new ArrayList<>(rows(model, oracle, "texts"));
            rows.addAll(rows(model, oracle, "pairs"));
            List<float[]> alone = rows.stream()
                    .map(row -> read(backend, List.of(row), model::forward))
                    .toList();
            for (int seed = 0; seed < 5; seed++) {
                List<Integer> order = new ArrayList<>();
                Random random = new Random(seed);
                for (int i = 0; i < 40; i++) {
                    order.add(random.nextInt(rows.size()));
                }
                Collections.shuffle(order, random);
                float[] together = read(backend, order.stream().map(rows::get).toList(), model::forward);
                for (int i = 0; i < order.size(); i++) {
                    assertThat(Arrays.copyOfRange(together, i * labels, (i + 1) * labels))
                            .isEqualTo(alone.get(order.get(i)));
                }
            }
        }
    }

    private static ModelBackend backend() {
        return new CpuModels(BackendSettings.defaults().withThreads(2));
    }

    private static List<TokenIds> rows(ClassificationModel model, Oracle oracle, String kind) {
        return oracle.cases(kind).stream()
                .map(Oracle.Case::tokens)
                .map(row -> model.problem(row).isEmpty() ? row : TokenIds.of(row.ids()))
                .toList();
    }

    /** Models without types of tokens are given none. */
    private static TokenIds untyped(Body body, TokenIds row) {
        return body.problem(row).isEmpty() ? row : TokenIds.of(row.ids());
    }

    private static float[] read(
            ModelBackend backend, List<TokenIds> rows, BiFunction<Pass, TokenBatch, Tensor> forward) {
        TokenBatch batch = TokenBatch.of(rows);
        try (Pass pass = backend.begin(batch.pages())) {
            return pass.read(forward.apply(pass, batch)).array();
        }
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            double most = TOLERANCE * Math.max(1, Math.abs(expected[i]));
            assertThat((double) actual[i]).isCloseTo(expected[i], within(most));
        }
    }
}
