package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.model.folder.LocalModelFiles;

final class ModelFolderTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    static List<PublishedModel> models() {
        return PublishedModel.ALL;
    }

    @ParameterizedTest
    @MethodSource("models")
    void writesWhatOurOwnReaderTakes(PublishedModel model) throws Exception {
        new ModelFolder(model).write(new TinyBert().bytes(), "{}".getBytes(StandardCharsets.UTF_8), folder);
        assertThat(json("config.json").path("layer_norm_eps").asDouble()).isEqualTo(1e-12);
        assertThat(json("config.json").path("_name_or_path").asText()).isEqualTo(model.title());
        assertThat(json("sentence_bert_config.json").path("max_seq_length").asInt())
                .isEqualTo(model.longest());
        assertThat(json("1_Pooling/config.json").path(model.pooling()).asBoolean())
                .isTrue();
        assertThat(Files.readString(folder.resolve("1_Pooling/config.json"))).containsOnlyOnce("true");
        assertThat(folder.resolve("2_Normalize")).isDirectory();
        new ModelFolder(model).requireSettings(folder);
        shrink();
        assertThatThrownBy(() -> new ModelFolder(model).requireSettings(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("config.json has other settings than");

        try (ModelBackend backend = new CpuModels(BackendSettings.defaults());
                EmbeddingModel read =
                        EmbeddingModel.load(new LocalModelFiles(folder), backend, Optional.empty(), Optional.empty())) {
            assertThat(read.dimension()).isEqualTo(TinyBert.HIDDEN);
            assertThat(read.rules().longest()).isEqualTo(TinyBert.POSITIONS);
            assertThat(read.rules().prompts()).isEqualTo(model.prompts());
            assertThat(read.rules().defaultPrompt()).isNull();
        }
    }

    /** Makes the settings fit the tiny model. */
    private void shrink() throws IOException {
        ObjectNode config = json("config.json")
                .put("hidden_size", TinyBert.HIDDEN)
                .put("intermediate_size", TinyBert.WIDE)
                .put("max_position_embeddings", TinyBert.POSITIONS)
                .put("num_attention_heads", TinyBert.HEADS)
                .put("num_hidden_layers", 1)
                .put("vocab_size", TinyBert.WORDS);
        MAPPER.writeValue(folder.resolve("config.json").toFile(), config);
        MAPPER.writeValue(
                folder.resolve("1_Pooling/config.json").toFile(),
                json("1_Pooling/config.json").put("word_embedding_dimension", TinyBert.HIDDEN));
    }

    private ObjectNode json(String name) throws IOException {
        return (ObjectNode) MAPPER.readTree(folder.resolve(name).toFile());
    }
}
