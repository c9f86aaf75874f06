package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.cudnn.CudnnBackendProvider;

/** Each family on a GPU, in 16 bits, against what transformers' own class computed in double precision. */
@Tag("gpu")
class CudnnFamiliesTest {
    private static final double TOLERANCE = 1e-2;
    private static final double COSINE = 0.9999;

    @ParameterizedTest
    @ValueSource(strings = {"bert-classifier", "distilbert-classifier", "roberta-reranker", "xlm-roberta-reranker"})
    void computesWhatTransformersComputes(String name) {
        Oracle oracle = Oracle.of(name);
        try (ModelBackend backend = backend();
                ClassificationModel model = ClassificationModel.load(oracle.files(), backend)) {
            for (String kind : List.of("text", "pair")) {
                List<TokenIds> rows = oracle.cases(kind + "s").stream()
                        .map(Oracle.Case::tokens)
                        .map(row -> model.problem(row).isEmpty() ? row : TokenIds.of(row.ids()))
                        .toList();
                float[] logits = read(backend, rows, model::forward);
                int labels = model.labels().names().size();
                for (int i = 0; i < rows.size(); i++) {
                    float[] expected = oracle.output(kind + "." + i + ".logits");
                    for (int c = 0; c < labels; c++) {
                        double most = TOLERANCE * Math.max(1, Math.abs(expected[c]));
                        assertThat((double) logits[i * labels + c])
                                .as("%s %d of %s, label %d", kind, i, name, c)
                                .isCloseTo(expected[c], within(most));
                    }
                }
            }
        }
    }

    @Test
    void makesTheSameVectors() {
        Oracle oracle = Oracle.of("sentence-bert");
        try (ModelBackend backend = backend();
                EmbeddingModel model =
                        EmbeddingModel.load(oracle.files(), backend, Optional.empty(), Optional.empty())) {
            List<TokenIds> rows =
                    oracle.cases("texts").stream().map(Oracle.Case::tokens).toList();
            assertThat(rows).isNotEmpty();
            float[] vectors = read(backend, rows, (pass, batch) -> model.forward(pass, batch, 0));
            for (int i = 0; i < rows.size(); i++) {
                float[] expected = oracle.output("plain." + i);
                double dot = 0;
                double length = 0;
                double expectedLength = 0;
                for (int c = 0; c < expected.length; c++) {
                    float value = vectors[i * expected.length + c];
                    dot += (double) value * expected[c];
                    length += (double) value * value;
                    expectedLength += (double) expected[c] * expected[c];
                }
                assertThat(dot / Math.sqrt(length * expectedLength))
                        .as("text %d", i)
                        .isGreaterThan(COSINE);
            }
        }
    }

    private static ModelBackend backend() {
        CudnnBackendProvider provider = new CudnnBackendProvider();
        assumeTrue(
                provider.unavailableForModels(BackendSettings.defaults()).isEmpty()
                        || System.getProperty("pagedattention.requiredBackend", "")
                                .equals(provider.name()),
                "there is no GPU here");
        return provider.createForModels(BackendSettings.defaults());
    }

    private static float[] read(
            ModelBackend backend, List<TokenIds> rows, BiFunction<Pass, TokenBatch, Tensor> forward) {
        TokenBatch batch = TokenBatch.of(rows);
        try (Pass pass = backend.begin(batch.pages())) {
            return pass.read(forward.apply(pass, batch)).array();
        }
    }
}
