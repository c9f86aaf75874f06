package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.inference.Embedder.Embedding;
import org.pagedattention.model.Oracle;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.LocalModelFiles;

/** Texts in, vectors out, against what sentence-transformers made of the same texts in double precision. */
class EmbedderTest {
    private static final double TOLERANCE = 2e-6;

    private final ModelBackend backend = new CpuModels(BackendSettings.defaults());
    private final Oracle oracle = Oracle.of("sentence-bert");
    private final List<String> texts =
            oracle.cases("texts").stream().map(Oracle.Case::text).toList();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"query", "passage"})
    void embedsTextsBehindAPrompt(String prompt) {
        try (Embedder embedder = open(EmbedOptions.defaults().withPromptName(prompt))) {
            assertMatches(prompt, embedder.embed(texts, 100));
        }
    }

    @Test
    void takesTheDefaultPromptUnlessAskedOtherwise() {
        try (Embedder query = open(EmbedOptions.defaults());
                Embedder plain = open(EmbedOptions.defaults().withPromptText(""))) {
            assertMatches("query", query.embed(texts, 1000));
            assertMatches("plain", plain.embed(texts, 1000));
            assertThatThrownBy(() -> open(EmbedOptions.defaults().withPromptName("question")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("prompt 'question' is not known: the model has [document, passage, query]");
        }
    }

    @Test
    void saysHowManyTokensTookPart() {
        try (Embedder embedder = open(EmbedOptions.defaults())) {
            List<Embedding> embeddings = embedder.embed(List.of("", texts.get(texts.size() - 1)), 100);
            assertThat(embedder.longest()).isEqualTo(24);
            assertThat(embeddings.get(0).tokens()).isBetween(3, 23);
            assertThat(embeddings.get(0).truncated()).isFalse();
            assertThat(embeddings.get(1).tokens()).isEqualTo(24);
            assertThat(embeddings.get(1).truncated()).isTrue();
        }
    }

    @Test
    void givesATextTheSameBitsInAnyBatch() {
        try (Embedder embedder = open(EmbedOptions.defaults())) {
            List<float[]> alone = texts.stream()
                    .map(text -> embedder.embed(List.of(text), 1).get(0).vector())
                    .toList();
            for (int seed = 0; seed < 4; seed++) {
                List<Integer> order = new ArrayList<>(
                        IntStream.range(0, 40).mapToObj(i -> i % texts.size()).toList());
                Collections.shuffle(order, new Random(seed));
                List<Embedding> together =
                        embedder.embed(order.stream().map(texts::get).toList(), 30 + 100 * seed);
                for (int i = 0; i < order.size(); i++) {
                    assertThat(together.get(i).vector()).isEqualTo(alone.get(order.get(i)));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pooled, true, cls",
        "pooled, true, max",
        "pooled, true, mean",
        "pooled, true, mean_sqrt_len_tokens",
        "pooled, true, weightedmean",
        "pooled, true, lasttoken",
        "unprompted, false, cls",
        "unprompted, false, max",
        "unprompted, false, mean",
        "unprompted, false, mean_sqrt_len_tokens",
        "unprompted, false, weightedmean",
        "unprompted, false, lasttoken"
    })
    void poolsInEveryWayWithAndWithoutThePrompt(String output, boolean includePrompt, String mode) throws IOException {
        copyModel(1);
        ObjectNode pooling = new ObjectMapper().createObjectNode();
        pooling.put("embedding_dimension", 32).put("pooling_mode", mode).put("include_prompt", includePrompt);
        Files.writeString(folder.resolve("1_Pooling/config.json"), pooling.toString());
        try (Embedder embedder = Embedder.open(new LocalModelFiles(folder), backend, EmbedOptions.defaults())) {
            List<Embedding> embeddings = embedder.embed(texts, 100);
            for (int i = 0; i < texts.size(); i++) {
                assertClose(embeddings.get(i).vector(), oracle.output(output + "." + mode + "." + i), 2e-5);
            }
        }
    }

    @Test
    void readsTheOlderSchemaAndPutsSeveralPoolingsEndToEnd() throws IOException {
        copyModel(1);
        Files.writeString(
                folder.resolve("1_Pooling/config.json"),
                "{\"word_embedding_dimension\": 32, \"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": true,"
                        + " \"pooling_mode_max_tokens\": false}");
        try (Embedder embedder = Embedder.open(new LocalModelFiles(folder), backend, EmbedOptions.defaults())) {
            assertThat(embedder.dimension()).isEqualTo(64);
            float[] both = embedder.embed(List.of(texts.get(0)), 100).get(0).vector();
            float[] first = new float[32];
            System.arraycopy(both, 0, first, 0, 32);
            assertClose(first, oracle.output("pooled.cls.0"), 2e-5);
            float[] second = new float[32];
            System.arraycopy(both, 32, second, 0, 32);
            assertClose(second, oracle.output("pooled.mean.0"), 2e-5);
        }
    }

    @Test
    void saysWhatIsWrongWithARow() {
        try (Embedder embedder = open(EmbedOptions.defaults())) {
            assertThat(embedder.problem(TokenIds.of(2, 3))).isEmpty();
            assertThat(embedder.problem(TokenIds.of())).contains("it has no token");
            assertThat(embedder.problem(TokenIds.of(2, 200, 3))).contains("token id 200 is not from 0 to 199");
            assertThat(embedder.problem(TokenIds.of(new int[65])))
                    .contains("it has 65 tokens, more than the 64 that the model takes");
            assertThatThrownBy(() -> embedder.run(List.of(TokenIds.of(2), TokenIds.of(-1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("row 1 of the batch cannot be computed: token id -1 is not from 0 to 199");
        }
    }

    @Test
    void namesATokenizerThatIsNotThere() throws IOException {
        copyModel(4);
        Files.delete(folder.resolve("tokenizer.json"));
        assertThatThrownBy(() -> Embedder.open(new LocalModelFiles(folder), backend, EmbedOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model " + folder + ": has no tokenizer.json")
                .hasMessageContaining("save_pretrained");
    }

    private Embedder open(EmbedOptions options) {
        return Embedder.open(oracle.files(), backend, options);
    }

    /** Copies the model with the transformer and so many modules behind it. */
    private void copyModel(int modules) throws IOException {
        Path from = oracle.files().path();
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = folder.resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        ArrayNode list = (ArrayNode)
                new ObjectMapper().readTree(folder.resolve("modules.json").toFile());
        while (list.size() > 1 + modules) {
            list.remove(1 + modules);
        }
        Files.writeString(folder.resolve("modules.json"), list.toString());
    }

    private void assertMatches(String output, List<Embedding> embeddings) {
        assertThat(embeddings).hasSameSizeAs(texts);
        for (int i = 0; i < texts.size(); i++) {
            assertClose(embeddings.get(i).vector(), oracle.output(output + "." + i), TOLERANCE);
        }
    }

    private static void assertClose(float[] actual, float[] expected, double most) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(most));
        }
    }
}
