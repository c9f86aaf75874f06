package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFolderException;

/** What of sentence-transformers' configurations is refused, and that it is named. */
class SentenceModulesTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        Path from = Oracle.of("sentence-bert").files().path();
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = folder.resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "modules.json | modules.normalize.Normalize | modules.other.LayerNorm | has a module of type"
                        + " sentence_transformers.base.modules.other.LayerNorm, which is not supported",
                "modules.json | sentence_transformers.base.modules.dense | mine | has a module of type mine.Dense,",
                "modules.json | pooling.Pooling | pooling.Normalize | must have one Pooling, right behind the",
                "modules.json | transformer.Transformer | transformer.Router | does not begin with a Transformer",
                "1_Pooling/config.json | \"mean\" | \"median\" | has pooling_mode = \"median\", which is not supported",
                "1_Pooling/config.json | include_prompt | include_prompts | has [include_prompts], which is not under",
                "1_Pooling/config.json | 32 | 33 | pools rows of 33 numbers, and the model's have 32",
                "2_Dense/config.json | activation.Tanh | activation.PReLU | which is not supported: torch's Tanh",
                "2_Dense/config.json | torch.nn | mine | has activation_function = mine.modules.activation.Tanh",
                "2_Dense/config.json | \"in_features\": 32 | \"in_features\": 64 | takes rows of 64 numbers, and what",
                "2_Dense/config.json | \"out_features\": 24 | \"out_features\": 23 | has shape [24, 32], and by",
                "sentence_bert_config.json | feature-extraction | fill-mask | has transformer_task = \"fill-mask\"",
                "sentence_bert_config.json | last_hidden_state | pooler_output | has modality_config = ",
                "sentence_bert_config.json | \"module_output_name\" | \"strip\": 1, \"module_output_name\" | has [strip]",
                "config_sentence_transformers.json | \"default_prompt_name\": \"query\" | \"default_prompt_name\":"
                        + " \"q\" | has default_prompt_name = q, and no such prompt",
            })
    void namesWhatIsNotUnderstood(String file, String text, String instead, String message) throws IOException {
        Path path = folder.resolve(file);
        String whole = Files.readString(path);
        assertThat(whole).contains(text);
        Files.writeString(path, whole.replace(text, instead));
        refuses(message);
    }

    @Test
    void namesAFolderThatDoesNotSayHowToPool() throws IOException {
        Files.delete(folder.resolve("modules.json"));
        refuses("has no modules.json, so nothing says how a text's vector comes from those of its tokens");
    }

    @Test
    void namesAModuleWithoutItsTensors() throws IOException {
        Files.delete(folder.resolve("2_Dense/model.safetensors"));
        refuses("has no 2_Dense/model.safetensors and no");
    }

    @Test
    void takesTheLengthFromWhereverItIsSaid() throws IOException {
        Path config = folder.resolve("sentence_bert_config.json");
        Files.writeString(config, "{\"max_seq_length\": 16, \"do_lower_case\": false}");
        assertThat(longest()).isEqualTo(16);
        Files.writeString(config, "{\"max_seq_length\": 4096}");
        assertThat(longest()).isEqualTo(64);
        Files.delete(config);
        assertThat(longest()).isEqualTo(24);
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertThat(longest()).isEqualTo(64);
    }

    private int longest() {
        try (ModelBackend backend = new CpuModels(BackendSettings.defaults());
                EmbeddingModel model =
                        EmbeddingModel.load(new LocalModelFiles(folder), backend, Optional.empty(), Optional.empty())) {
            return model.rules().longest();
        }
    }

    private void refuses(String message) {
        try (ModelBackend backend = new CpuModels(BackendSettings.defaults())) {
            assertThatThrownBy(() -> EmbeddingModel.load(
                            new LocalModelFiles(folder), backend, Optional.empty(), Optional.empty()))
                    .isInstanceOf(ModelFolderException.class)
                    .hasMessageContaining("model " + folder + ": ")
                    .hasMessageContaining(message);
            assertThat(backend.heldBytes()).isZero();
        }
    }
}
