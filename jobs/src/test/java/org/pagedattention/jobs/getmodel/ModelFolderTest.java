package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.pagedattention.model.LocalModelFiles;

final class ModelFolderTest {
    @TempDir
    private Path folder;

    static List<PublishedModel> models() {
        return PublishedModel.ALL;
    }

    @ParameterizedTest
    @MethodSource("models")
    void writesWhatOurOwnReaderTakes(PublishedModel model) throws Exception {
        new ModelFolder(model, folder).write(new TinyBert().bytes(), "{}".getBytes(StandardCharsets.UTF_8));

        try (ModelBackend backend = new CpuModels(BackendSettings.defaults());
                EmbeddingModel read =
                        EmbeddingModel.load(new LocalModelFiles(folder), backend, Optional.empty(), Optional.empty())) {
            assertThat(read.dimension()).isEqualTo(TinyBert.HIDDEN);
            assertThat(read.rules().longest()).isEqualTo(TinyBert.POSITIONS);
            assertThat(read.rules().prompts()).isEqualTo(model.prompts());
            assertThat(read.rules().defaultPrompt()).isNull();
        }
        assertThat(folder.resolve("2_Normalize")).isDirectory();
        assertThat(Files.readString(folder.resolve("1_Pooling/config.json")))
                .contains("\"pooling_mode_" + model.pooling() + "_token")
                .containsOnlyOnce("true");
        assertThat(new ObjectMapper()
                        .readTree(folder.resolve("config.json").toFile())
                        .path("layer_norm_eps")
                        .asDouble())
                .isEqualTo(1e-12);
    }
}
