package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.inference.Classifier.Classification;
import org.pagedattention.inference.Classifier.Input;
import org.pagedattention.inference.Embedder.Embedding;
import org.pagedattention.model.Labels;
import org.pagedattention.model.LanguageModel;
import org.pagedattention.model.Oracle;
import org.pagedattention.model.TokenBatch;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.LocalModelFiles;

/** Vectors and labels from decoders, against what transformers and sentence-transformers made of the same texts. */
class DecodersOfTextsTest {
    private static final int YES = 65;
    private static final int NO = 71;

    private final ModelBackend backend = new CpuModels(BackendSettings.defaults());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"query", "plain"})
    void embedsTextsByTheirLastToken(String output) {
        Oracle oracle = Oracle.of("qwen3-embedding");
        EmbedOptions options = output.equals("plain")
                ? EmbedOptions.defaults()
                : EmbedOptions.defaults().withPromptName(output);
        List<Oracle.Case> cases = oracle.cases("texts");
        try (Embedder embedder = Embedder.open(oracle.files(), backend, options)) {
            assertThat(embedder.description())
                    .isEqualTo(
                            "Qwen3 of 2 layers, 4 heads (2 of keys and values) and width 32, then last pooling, length"
                                    + " 1, rows of up to 32 tokens"
                                    + (output.equals("plain") ? "" : " behind 'Instruct: find\nQuery:'"));
            List<Embedding> embeddings =
                    embedder.embed(cases.stream().map(Oracle.Case::text).toList(), 100);
            for (int i = 0; i < cases.size(); i++) {
                float[] expected = oracle.output(output + "." + i);
                assertClose(embeddings.get(i).vector(), expected, 2e-6);
                if (output.equals("plain")) {
                    assertThat(embeddings.get(i).tokens())
                            .isEqualTo(cases.get(i).tokens().length());
                }
            }
        }
    }

    @Test
    void labelsTextsAndPairsByTheirLastToken() {
        Oracle oracle = Oracle.of("qwen3-classifier");
        try (Classifier classifier = Classifier.open(oracle.files(), backend)) {
            assertThat(classifier.labels()).isEqualTo(new Labels(List.of("bad", "good"), Labels.Score.SOFTMAX));
            for (String kind : List.of("text", "pair")) {
                List<Oracle.Case> cases = oracle.cases(kind + "s");
                int[] some = IntStream.range(0, cases.size())
                        .filter(i -> cases.get(i).tokens().length() > 0)
                        .toArray();
                List<Input> inputs = IntStream.of(some)
                        .mapToObj(
                                i -> new Input(cases.get(i).text(), cases.get(i).pair()))
                        .toList();
                List<Classification> classified = classifier.classify(inputs, 150);
                for (int i = 0; i < some.length; i++) {
                    float[] expected = oracle.output(kind + "." + some[i] + ".logits");
                    assertClose(classified.get(i).logits(), expected, 5e-6);
                }
            }
            assertThat(classifier.problem(classifier.prepare("", null).tokens()))
                    .contains("it has no token");
        }
    }

    @Test
    void looksForALabelBeforeTheTokensThatFillARowUp() {
        Oracle oracle = Oracle.of("qwen3-classifier");
        try (Classifier classifier = Classifier.open(oracle.files(), backend)) {
            List<float[]> logits =
                    classifier.run(List.of(TokenIds.of(40, 50, 60), TokenIds.of(40, 50, 60, 1, 1), TokenIds.of(1, 1)));
            assertThat(logits.get(1)).isEqualTo(logits.get(0));
            assertThat(logits.get(2)).isNotEqualTo(logits.get(0));
        }
    }

    @Test
    void ranksByTheLogitsOfTwoTokens() throws IOException {
        copyWithScore("{\"true_token_id\": 65, \"false_token_id\": 71}", "");
        Oracle oracle = Oracle.of("llama-text");
        List<Oracle.Case> cases = oracle.cases("pairs");
        try (Classifier classifier = Classifier.open(new LocalModelFiles(folder), backend);
                LanguageModel model = LanguageModel.load(oracle.files(), backend)) {
            assertThat(classifier.labels()).isEqualTo(new Labels(List.of("LABEL_0"), Labels.Score.SIGMOID));
            List<Classification> ranked = classifier.classify(
                    cases.stream().map(one -> new Input(one.text(), one.pair())).toList(), 100);
            for (int i = 0; i < cases.size(); i++) {
                float[] both = behind(model, cases.get(i).tokens());
                assertClose(ranked.get(i).logits(), new float[] {both[0] - both[1]}, 2e-5);
                assertThat((double) ranked.get(i).score())
                        .isCloseTo(1 / (1 + Math.exp(both[1] - both[0])), within(1e-5));
            }
        }
    }

    /** Log-probabilities of the two answers behind a row. */
    private float[] behind(LanguageModel model, TokenIds row) {
        TokenBatch batch = TokenBatch.of(List.of(row));
        int last = row.length() - 1;
        try (Pass pass = backend.begin(batch.pages())) {
            float[] made = pass.read(model.logProbs(
                            pass, model.forward(pass, batch), new int[] {last, last}, new int[] {YES, NO}))
                    .array();
            return new float[] {made[0], made[2]};
        }
    }

    @Test
    void takesTokensWhereTextsWantATemplate() throws IOException {
        copyWithScore(
                "{\"true_token_id\": 65}",
                ", \"message\": {\"method\": \"forward\", \"method_output_name\": \"logits\", \"format\": \"flat\"}");
        Files.writeString(
                folder.resolve("config_sentence_transformers.json"),
                "{\"activation_fn\": \"torch.nn.modules.linear.Identity\", \"model_type\": \"CrossEncoder\"}");
        try (Classifier classifier = Classifier.open(new LocalModelFiles(folder), backend)) {
            assertThat(classifier.labels().score()).isEqualTo(Labels.Score.NONE);
            assertThat(classifier.problemOfTexts())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("chat template"));
            assertThatThrownBy(() -> classifier.prepare("who", "me"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("give token ids");
            assertThat(classifier.run(List.of(TokenIds.of(0, 50, 60)))).hasSize(1);
        }
    }

    @Test
    void namesScoresThatCannotBe() throws IOException {
        copyWithScore("{\"true_token_id\": 65, \"false_token_id\": 290}", "");
        refuses("has a vocabulary of 290, and by modules.json tokens 65 and 290 are scores");
        copyWithScore("{\"true_token_id\": 65, \"temperature\": 2}", "");
        refuses("1_LogitScore/config.json has [temperature], which is not understood");
        copyWithScore("{\"false_token_id\": 65}", "");
        refuses("has no true_token_id");
        Files.delete(folder.resolve("modules.json"));
        refuses("a decoder ranks without one when sentence-transformers' modules.json names a LogitScore");
        Files.writeString(folder.resolve("modules.json"), modules().replace("LogitScore\"", "Dense\""));
        refuses("has modules behind its Transformer that make no logits of labels");
    }

    private void refuses(String message) {
        assertThatThrownBy(() -> Classifier.open(new LocalModelFiles(folder), backend))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private void copyWithScore(String score, String modality) throws IOException {
        try (Stream<Path> files = Files.list(Oracle.of("llama-text").files().path())) {
            for (Path file : files.filter(
                            file -> !folder.resolve(file.getFileName()).toFile().exists())
                    .toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Files.createDirectories(folder.resolve("1_LogitScore"));
        Files.writeString(folder.resolve("1_LogitScore/config.json"), score);
        Files.writeString(folder.resolve("modules.json"), modules());
        Files.writeString(
                folder.resolve("sentence_bert_config.json"),
                "{\"transformer_task\": \"text-generation\", \"module_output_name\": \"causal_logits\", \"modality_config\":"
                        + " {\"text\": {\"method\": \"forward\", \"method_output_name\": \"logits\"}" + modality
                        + "}}");
    }

    private static String modules() {
        return "[{\"idx\": 0, \"name\": \"0\", \"path\": \"\","
                + " \"type\": \"sentence_transformers.base.modules.transformer.Transformer\"},"
                + " {\"idx\": 1, \"name\": \"1\", \"path\": \"1_LogitScore\","
                + " \"type\": \"sentence_transformers.cross_encoder.modules.logit_score.LogitScore\"}]";
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            double most = tolerance * Math.max(1, Math.abs(expected[i]));
            assertThat((double) actual[i]).isCloseTo(expected[i], within(most));
        }
    }
}
