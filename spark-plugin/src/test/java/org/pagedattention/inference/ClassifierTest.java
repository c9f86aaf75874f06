package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.inference.Classifier.Classification;
import org.pagedattention.inference.Classifier.Input;
import org.pagedattention.model.Labels;
import org.pagedattention.model.Oracle;

/** Texts and pairs in, logits out, against what transformers computed in double precision. */
class ClassifierTest {
    private final ModelBackend backend = new CpuModels(BackendSettings.defaults());

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
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
    void givesTheLogitsOfTextsAndPairs(String name) {
        Oracle oracle = Oracle.of(name);
        try (Classifier classifier = Classifier.open(oracle.files(), backend)) {
            for (String kind : List.of("text", "pair")) {
                List<Oracle.Case> cases = oracle.cases(kind + "s");
                List<Input> inputs = cases.stream()
                        .map(one -> new Input(one.text(), one.pair()))
                        .toList();
                List<Classification> classified = classifier.classify(inputs, 150);
                for (int i = 0; i < cases.size(); i++) {
                    // texts that spell special tokens of a unigram model are no such tokens here
                    if (!name.startsWith("xlm") || !cases.get(i).text().matches(".*</?(s|pad|mask)>.*")) {
                        assertClose(classified.get(i).logits(), oracle.output(kind + "." + i + ".logits"));
                        assertThat(classified.get(i).tokens())
                                .isEqualTo(cases.get(i).tokens().length());
                    }
                }
            }
        }
    }

    @Test
    void namesTheLabelOfTheLargestLogit() {
        Oracle oracle = Oracle.of("bert-classifier");
        try (Classifier classifier = Classifier.open(oracle.files(), backend)) {
            assertThat(classifier.labels())
                    .isEqualTo(new Labels(List.of("sad", "so so", "happy"), Labels.Score.SOFTMAX));
            Classification one = classifier
                    .classify(List.of(new Input("a happy dog", null)), 100)
                    .get(0);
            int best = classifier.labels().names().indexOf(one.label());
            double sum = 0;
            for (float logit : one.logits()) {
                assertThat(logit).isLessThanOrEqualTo(one.logits()[best]);
                sum += Math.exp(logit);
            }
            assertThat((double) one.score()).isCloseTo(Math.exp(one.logits()[best]) / sum, within(1e-6));
        }
    }

    @Test
    void squashesTheOneLogitOfAReranker() {
        Oracle oracle = Oracle.of("roberta-reranker");
        try (Classifier classifier = Classifier.open(oracle.files(), backend)) {
            Classification one =
                    classifier.classify(List.of(new Input("who", "a dog")), 100).get(0);
            assertThat(one.label()).isEqualTo("LABEL_0");
            assertThat((double) one.score()).isCloseTo(1 / (1 + Math.exp(-one.logits()[0])), within(1e-6));
        }
    }

    @Test
    void refusesAModelWithoutAHead() {
        Oracle oracle = Oracle.of("sentence-bert");
        assertThatThrownBy(() -> Classifier.open(oracle.files(), backend))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("modules.json has modules behind its Transformer that make no logits of labels");
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(5e-6 * Math.max(1, Math.abs(expected[i]))));
        }
    }
}
