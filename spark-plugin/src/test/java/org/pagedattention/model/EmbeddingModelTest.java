package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.folder.TextRules;

/** Folders of sentence-transformers against what it computed itself in double precision. */
class EmbeddingModelTest {
    private static final double TOLERANCE = 2e-6;

    private final Oracle oracle = Oracle.of("sentence-bert");

    @Test
    void runsAllModulesInOrder() {
        try (ModelBackend backend = backend();
                EmbeddingModel model =
                        EmbeddingModel.load(oracle.files(), backend, Optional.empty(), Optional.empty())) {
            assertThat(model.dimension()).isEqualTo(24);
            List<Oracle.Case> cases = oracle.cases("texts");
            for (int i = 0; i < cases.size(); i++) {
                TokenBatch batch = TokenBatch.of(List.of(cases.get(i).tokens()));
                try (Pass pass = backend.begin(batch.pages())) {
                    float[] vector = pass.read(model.forward(pass, batch, 0)).array();
                    float[] expected = oracle.output("plain." + i);
                    for (int c = 0; c < expected.length; c++) {
                        assertThat((double) vector[c]).isCloseTo(expected[c], within(TOLERANCE));
                    }
                }
            }
            assertThat(backend.heldBytes()).isPositive();
        }
    }

    @Test
    void givesAllWeightsBack() {
        try (ModelBackend backend = backend()) {
            EmbeddingModel.load(oracle.files(), backend, Optional.empty(), Optional.empty())
                    .close();
            assertThat(backend.heldBytes()).isZero();
        }
    }

    @Test
    void knowsWhatTheFolderSaysOfTexts() {
        try (ModelBackend backend = backend();
                EmbeddingModel model =
                        EmbeddingModel.load(oracle.files(), backend, Optional.empty(), Optional.empty())) {
            TextRules rules = model.rules();
            assertThat(rules.longest()).isEqualTo(24);
            assertThat(rules.prompt(null)).isEqualTo("query: ");
            assertThat(rules.prompt("passage")).isEqualTo("passage: ");
            assertThat(rules.prompt("document")).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"FIRST, false", "MEAN, true"})
    void poolsAsAskedWhereTheFolderDoesNotSay(SequencePooling mode, boolean normalize) {
        Oracle plain = Oracle.of("bert-classifier");
        TokenBatch batch = TokenBatch.of(List.of(plain.cases("texts").get(0).tokens()));
        try (ModelBackend backend = backend();
                EmbeddingModel model =
                        EmbeddingModel.load(plain.files(), backend, Optional.of(mode), Optional.of(normalize));
                Pass pass = backend.begin(batch.pages())) {
            float[] vector = pass.read(model.forward(pass, batch, 0)).array();
            float[] hidden = plain.output("text.0.hidden");
            double[] expected = new double[32];
            int tokens = mode == SequencePooling.FIRST ? 1 : hidden.length / 32;
            double square = 0;
            for (int c = 0; c < 32; c++) {
                for (int t = 0; t < tokens; t++) {
                    expected[c] += hidden[t * 32 + c] / tokens;
                }
                square += expected[c] * expected[c];
            }
            for (int c = 0; c < 32; c++) {
                double value = normalize ? expected[c] / Math.sqrt(square) : expected[c];
                assertThat((double) vector[c]).isCloseTo(value, within(5 * TOLERANCE));
            }
        }
    }

    private static ModelBackend backend() {
        return new CpuModels(BackendSettings.defaults());
    }
}
