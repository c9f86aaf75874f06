package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFolderException;

/** ModernBERT's folders as they come. */
class ModernBertFolderTest {
    private final ModelBackend backend = new CpuModels(BackendSettings.defaults());

    @TempDir
    private Path folder;

    private FolderCopy copy;
    private float[] expected;

    @BeforeEach
    void copy() throws IOException {
        copy = new FolderCopy("modernbert-classifier", folder);
        expected = logits();
    }

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    @Test
    void readsTheConfigurationsOfTheFirstCheckpoints() throws IOException {
        copy.config.remove(List.of("rope_parameters", "layer_types", "dtype", "classifier_activation"));
        copy.config
                .put("global_rope_theta", 160000.0)
                .put("local_rope_theta", 10000.0)
                .put("layer_norm_eps", 1e-5);
        copy.config.put("position_embedding_type", "absolute").put("torch_dtype", "float32");
        assertThat(logits()).isEqualTo(expected);
        copy.config.remove(List.of("global_rope_theta", "local_rope_theta"));
        assertThat(logits()).isEqualTo(expected);
        copy.config.put("global_rope_theta", 10.0);
        assertThat(logits()).isNotEqualTo(expected);
    }

    @Test
    void poolsForALabelAsTheConfigurationSays() throws IOException {
        copy.config.put("classifier_pooling", "mean");
        assertThat(logits()).isNotEqualTo(expected);
        copy.config.put("classifier_pooling", "max");
        refuses("has classifier_pooling = \"max\", which is not supported: cls and mean are");
    }

    @Test
    void seesWhatIsNearInMostLayers() throws IOException {
        copy.config.put("local_attention", 64);
        float[] wide = logits();
        assertThat(wide).isNotEqualTo(expected);
        copy.config.put("local_attention", 128);
        assertThat(logits()).isEqualTo(wide);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "norm_bias | true | has norm_bias = true, which is not supported: only false is",
                "mlp_bias | true | has mlp_bias = true",
                "num_attention_heads | 3 | has 3 attention heads, which do not divide a width of 32",
                "rope_scaling | {\"type\": \"linear\"} | has [rope_scaling], which is not understood",
                "layer_types | [\"full_attention\"] | has 1 layer_types for 3 layers",
                "hidden_activation | \"mish\" | has hidden_activation = \"mish\"",
            })
    void namesWhatItDoesNotImplement(String key, String value, String message) throws IOException {
        JsonNode node = new ObjectMapper().readTree(value);
        copy.config.set(key, node);
        refuses(message);
    }

    private void refuses(String message) throws IOException {
        LocalModelFiles files = copy.files();
        assertThatThrownBy(() -> ClassificationModel.load(files, backend))
                .isInstanceOf(ModelFolderException.class)
                .hasMessageContaining(message);
    }

    private float[] logits() throws IOException {
        TokenBatch batch = TokenBatch.of(
                List.of(TokenIds.of(0, 30, 40, 50, 60, 70, 80, 90, 31, 41, 51, 61, 71, 2), TokenIds.of(0, 9, 2)));
        try (ClassificationModel model = ClassificationModel.load(copy.files(), backend);
                Pass pass = backend.begin(batch.pages())) {
            return pass.read(model.forward(pass, batch)).array();
        }
    }
}
