package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.ModelFolderException;
import org.pagedattention.tensor.ElementType;

/** Decoders' folders as they come: older configurations, other types, and what is refused with a name. */
class DecoderFoldersTest {
    private final ModelBackend backend = new CpuModels(BackendSettings.defaults());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({"llama, rope_type", "llama-linear, type", "llama-yarn, type", "llama-biased, rope_type"})
    void readsOlderConfigurations(String model, String key) throws IOException {
        FolderCopy copy = new FolderCopy(model, folder);
        float[] expected = logProbs(copy.files());
        ObjectNode parameters = (ObjectNode) copy.config.remove("rope_parameters");
        copy.config.set("rope_theta", parameters.remove("rope_theta"));
        JsonNode type = parameters.remove("rope_type");
        if (!type.asText().equals("default")) {
            parameters.set(key, type);
            copy.config.set("rope_scaling", parameters);
        }
        copy.config.remove("attention_dropout");
        copy.config.put("torch_dtype", "float32");
        assertThat(logProbs(copy.files())).isEqualTo(expected);
    }

    @Test
    void readsOlderConfigurationsOfGemma() throws IOException {
        FolderCopy copy = new FolderCopy("gemma3", folder);
        float[] expected = logProbs(copy.files());
        copy.config.remove("rope_parameters");
        copy.config.put("rope_theta", 1e6).put("rope_local_base_freq", 1e4);
        assertThat(logProbs(copy.files())).isEqualTo(expected);
        copy.config.remove("layer_types");
        copy.config.put("sliding_window_pattern", 2);
        assertThat(logProbs(copy.files())).isEqualTo(expected);
        copy.config.putObject("rope_scaling").put("rope_type", "linear").put("factor", 8.0);
        assertThat(logProbs(copy.files())).isNotEqualTo(expected);
    }

    @Test
    void dividesScoresOfGpt2AsItsConfigurationSays() throws IOException {
        FolderCopy copy = new FolderCopy("gpt2", folder);
        float[] expected = logProbs(copy.files());
        copy.config.put("scale_attn_by_inverse_layer_idx", true);
        float[] byLayer = logProbs(copy.files());
        assertThat(byLayer).isNotEqualTo(expected);
        copy.config.put("scale_attn_weights", false);
        assertThat(logProbs(copy.files())).isNotEqualTo(byLayer);
    }

    @ParameterizedTest
    @CsvSource({"llama, FP16", "qwen3, BF16", "gpt2, FP16", "gemma3, BF16"})
    void readsNarrowTypes(String model, ElementType type) throws IOException {
        FolderCopy copy = new FolderCopy(model, folder);
        float[] wide = logProbs(copy.files());
        List.copyOf(copy.tensors.keySet()).forEach(name -> copy.narrow(name, type));
        float[] narrow = logProbs(copy.files());
        for (int i = 0; i < wide.length; i += 2) {
            assertThat(narrow[i]).isNotEqualTo(wide[i]).isCloseTo(wide[i], within(0.5f));
        }
    }

    @Test
    void takesATiedHeadThatIsThereTwice() throws IOException {
        FolderCopy copy = new FolderCopy("qwen2", folder);
        float[] expected = logProbs(copy.files());
        FolderCopy.Stored words = copy.tensors.get("model.embed_tokens.weight");
        copy.tensors.put("lm_head.weight", words);
        assertThat(logProbs(copy.files())).isEqualTo(expected);
        byte[] other = words.bytes().clone();
        other[3] ^= 1;
        copy.tensors.put("lm_head.weight", new FolderCopy.Stored(words.dtype(), words.shape(), other));
        refuses(copy, "lm_head.weight is not model.embed_tokens.weight, and by tie_word_embeddings in config.json");
        copy.config.put("tie_word_embeddings", false);
        assertThat(logProbs(copy.files())).isNotEqualTo(expected);
    }

    @Test
    void readsFrequenciesThatOldCheckpointsHave() throws IOException {
        FolderCopy copy = new FolderCopy("llama", folder);
        float[] expected = logProbs(copy.files());
        copy.tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", copy.tensors.get("model.norm.weight"));
        assertThat(logProbs(copy.files())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama-dynamic | {} | config.json in rope_parameters has rope_type = \"dynamic\"",
                "llama | {'rope_scaling': {'type': 'longrope'}} | config.json in rope_scaling has type = \"longrope\"",
                "llama | {'rope_scaling': {'type': 'linear', 'factor': 2, 'by': 3}} | in rope_scaling has [by]",
                "llama | {'rope_scaling': {'type': 'linear'}} | in rope_scaling has no factor, which must be a number",
                "llama | {'partial_rotary_factor': 0.5} | has partial_rotary_factor = 0.5",
                "llama | {'attn_logit_softcapping': 50.0} | has [attn_logit_softcapping], which is not understood",
                "llama | {'is_encoder_decoder': true} | has is_encoder_decoder = true",
                "llama | {'hidden_act': 'xielu'} | has hidden_act = \"xielu\"",
                "llama | {'num_key_value_heads': 3} | has 3 heads of keys, which do not divide 4",
                "llama | {'head_dim': 7} | has heads of 7 numbers",
                "llama | {'attention_bias': true} | has no tensor model.layers.0.self_attn.q_proj.bias [32]",
                "llama | {'tie_word_embeddings': true} | lm_head.weight is not model.embed_tokens.weight",
                "llama | {'quantization_config': {}} | has quantization_config, which is not supported",
                "llama-biased | {'mlp_bias': false} | tensors that are not understood",
                "mistral | {'layer_types': []} | has [layer_types], which is not understood",
                "mistral | {'num_key_value_heads': null} | has num_key_value_heads = null",
                "qwen2 | {'layer_types': ['full_attention', 'sliding_attention']} | has layer_types",
                "qwen2 | {'layer_types': ['full_attention']} | has 1 layer_types for 2 layers",
                "qwen2 | {'tie_word_embeddings': false} | has no tensor lm_head.weight [96, 32]",
                "gpt2 | {'add_cross_attention': true} | has add_cross_attention = true",
                "gpt2 | {'n_inner': null} | tensor transformer.h.0.mlp.c_fc.weight has shape [32, 48], and by config.json",
                "gpt2 | {'n_head': 3} | has 3 attention heads, which do not divide a width of 32",
                "gemma3 | {'use_bidirectional_attention': true} | has use_bidirectional_attention = true",
                "gemma3 | {'final_logit_softcapping': 30.0} | has [final_logit_softcapping], which is not understood",
                "gemma3 | {'rope_scaling': {'rope_type': 'linear', 'factor': 8}} | has rope_scaling and rope_parameters",
                "gemma3 | {'hidden_act': 'gelu'} | has hidden_act, which is not supported",
                "qwen3 | {'layer_types': ['full_attention', 'linear_attention']} | has layer_types"
            })
    void refusesByName(String model, String change, String message) throws IOException {
        FolderCopy copy = new FolderCopy(model, folder);
        JsonNode changes = new ObjectMapper().readTree(change.replace('\'', '"'));
        for (Iterator<String> keys = changes.fieldNames(); keys.hasNext(); ) {
            String key = keys.next();
            copy.config.set(key, changes.get(key));
        }
        refuses(copy, message);
    }

    @Test
    void givesQwenWindowsWhereTransformersDoes() throws IOException {
        FolderCopy qwen = new FolderCopy("qwen2", folder);
        float[] full = logProbs(qwen.files());
        qwen.config.put("use_sliding_window", true).put("sliding_window", 4).put("max_window_layers", 1);
        assertThat(logProbs(qwen.files())).isEqualTo(full);
        qwen.config.remove("layer_types");
        float[] last = logProbs(qwen.files());
        assertThat(last).isNotEqualTo(full);
        qwen.config.putArray("layer_types").add("full_attention").add("sliding_attention");
        assertThat(logProbs(qwen.files())).isEqualTo(last);
        qwen.config.putNull("sliding_window");
        refuses(qwen, "has layer_types");
    }

    @Test
    void givesMistralTheWindowThatTransformersTakesForOneThatIsMissing() throws IOException {
        JsonFile missing = config("{}");
        JsonFile none = config("{\"sliding_window\": null}");
        assertThat(LayerWindows.everywhere(missing, 2)).containsExactly(4096, 4096);
        assertThat(LayerWindows.everywhere(none, 2)).containsExactly(0, 0);
    }

    private JsonFile config(String text) throws IOException {
        Files.writeString(folder.resolve("config.json"), text);
        return JsonFile.read(new LocalModelFiles(folder), "config.json");
    }

    @Test
    void refusesEncoders() throws IOException {
        FolderCopy copy = new FolderCopy("bert-classifier", folder);
        refuses(copy, "is of the family bert, whose tokens see those behind them");
    }

    private void refuses(FolderCopy copy, String message) throws IOException {
        LocalModelFiles files = copy.files();
        assertThatThrownBy(() -> LanguageModel.load(files, backend))
                .isInstanceOf(ModelFolderException.class)
                .hasMessageContaining(message);
    }

    private float[] logProbs(ModelFiles files) {
        TokenBatch batch = TokenBatch.of(List.of(TokenIds.of(20, 76, 84, 52, 22, 19, 41, 34, 7)));
        try (LanguageModel model = LanguageModel.load(files, backend);
                Pass pass = backend.begin(batch.pages())) {
            int[] rows = {0, 3, 7, 8};
            return pass.read(model.logProbs(pass, model.forward(pass, batch), rows, new int[] {9, 8, 7, 6}))
                    .array();
        }
    }
}
