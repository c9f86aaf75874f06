package org.pagedattention.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.ModelFolderException;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** Folders as they come: what is read as it is meant, and what is refused with a name. */
class ModelFolderTest {
    private final ModelBackend backend = new CpuModels(BackendSettings.defaults());
    private final TokenIds row = TokenIds.of(2, 30, 40, 50, 3);

    @TempDir
    private Path folder;

    private FolderCopy copy;
    private float[] expected;

    @BeforeEach
    void copy() throws IOException {
        copy = new FolderCopy("bert-classifier", folder);
        expected = logits(copy.files());
    }

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    @Test
    void readsShards() throws IOException {
        Files.delete(folder.resolve("model.safetensors"));
        writeShards(Map.of());
        assertThat(logits(copy.filesWithoutTensors())).isEqualTo(expected);
        assertThatThrownBy(() -> writeShardsAndLoad(Map.of("classifier.bias", "part-2.safetensors")))
                .hasMessageContaining("tensor classifier.bias is not in part-2.safetensors, where");
        assertThatThrownBy(() -> writeShardsAndLoad(Map.of("classifier.bias", "part-3.safetensors")))
                .hasMessageContaining("has no part-3.safetensors, which model.safetensors.index.json names");
    }

    private void writeShardsAndLoad(Map<String, String> moved) throws IOException {
        writeShards(moved);
        logits(copy.filesWithoutTensors());
    }

    private void writeShards(Map<String, String> moved) throws IOException {
        Map<String, FolderCopy.Stored> first = new LinkedHashMap<>();
        Map<String, FolderCopy.Stored> second = new LinkedHashMap<>();
        StringBuilder index = new StringBuilder("{\"metadata\": {\"total_size\": 0}, \"weight_map\": {\"\": \"\"");
        copy.tensors.forEach((name, tensor) -> {
            boolean early = name.compareTo("d") < 0;
            (early ? first : second).put(name, tensor);
            String file = moved.getOrDefault(name, early ? "part-1.safetensors" : "part-2.safetensors");
            index.append(", \"").append(name).append("\": \"").append(file).append('"');
        });
        copy.write("part-1.safetensors", first);
        copy.write("part-2.safetensors", second);
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                index.append("}}").toString().replace("\"\": \"\", ", ""));
    }

    @Test
    void readsTheNamesOfOldCheckpoints() throws IOException {
        for (String name : List.copyOf(copy.tensors.keySet())) {
            if (name.contains("LayerNorm")) {
                copy.rename(name, name.replace(".weight", ".gamma").replace(".bias", ".beta"));
            }
        }
        copy.tensors.put("bert.embeddings.position_ids", new FolderCopy.Stored("I64", Shape.of(1, 64), new byte[512]));
        copy.tensors.put("cls.predictions.bias", new FolderCopy.Stored("F32", Shape.of(2), new byte[8]));
        assertThat(logits(copy.files())).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"BF16", "FP16"})
    void widensShortWeights(ElementType type) throws IOException {
        for (String name : List.copyOf(copy.tensors.keySet())) {
            copy.narrow(name, type);
        }
        float[] narrow = logits(copy.files());
        assertThat(narrow).isNotEqualTo(expected);
        for (int i = 0; i < narrow.length; i++) {
            assertThat(narrow[i]).isBetween(expected[i] - 0.2f, expected[i] + 0.2f);
        }
    }

    @Test
    void namesTensorsThatAreMissingLeftOverOrOfAnotherShape() throws IOException {
        String query = "bert.encoder.layer.1.attention.self.query.weight";
        FolderCopy.Stored stored = copy.tensors.remove(query);
        refuses("has no tensor " + query + " [32, 32]");
        copy.tensors.put(query, new FolderCopy.Stored("F32", Shape.of(64, 16), stored.bytes()));
        refuses("tensor " + query + " has shape [64, 16], and by config.json it must have [32, 32]");
        copy.tensors.put(query, new FolderCopy.Stored("I32", Shape.of(32, 32), stored.bytes()));
        refuses("tensor " + query + " in model.safetensors is stored as I32, which is not supported");
        copy.tensors.put(query, stored);
        copy.tensors.put("bert.encoder.layer.2.output.dense.bias", stored);
        refuses("has 1 tensors that are not understood", "bert.encoder.layer.2.output.dense.bias");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model_type | nomic_bert | has model_type = \"nomic_bert\", which is not supported: bert, roberta",
                "hidden_act | mish | has hidden_act = \"mish\", which is not supported: gelu, gelu_new",
                "position_embedding_type | relative_key | has position_embedding_type = \"relative_key\", which is not",
                "auto_map | x | has auto_map, which is not supported: it brings Python code of its own",
                "quantization_config | x | has quantization_config, which is not supported: take the model's original",
                "problem_type | ranking | has problem_type = \"ranking\", which is not supported",
            })
    void namesWhatItDoesNotImplement(String key, String value, String message) throws IOException {
        copy.config.put(key, value);
        refuses("model " + folder + ": config.json " + message);
    }

    @Test
    void namesSizesThatCannotBe() throws IOException {
        copy.config.put("num_attention_heads", 5);
        refuses("config.json has 5 attention heads, which do not divide a width of 32");
        copy.config.put("num_attention_heads", "two");
        refuses("config.json has num_attention_heads = \"two\", which must be a number from 0 on");
        copy.config.remove("num_attention_heads");
        refuses("config.json has no num_attention_heads, which must be a number");
    }

    @Test
    void namesFilesThatAreNotRead() throws IOException {
        Files.delete(folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("pytorch_model.bin"), "");
        assertThatThrownBy(() -> logits(copy.filesWithoutTensors()))
                .hasMessageContaining("has no model.safetensors but pytorch_model.bin, whose reading would run code");
        Files.writeString(folder.resolve("model.Q4_K_M.gguf"), "");
        assertThatThrownBy(() -> logits(copy.filesWithoutTensors()))
                .hasMessageContaining("has no model.safetensors but a GGUF file, which is not supported");
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(() -> ClassificationModel.load(new LocalModelFiles(folder), backend))
                .hasMessage("model " + folder
                        + ": has no config.json: give the folder of a whole model in Hugging Face's layout");
    }

    @Test
    void namesDamage() throws IOException {
        Path file = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 4));
        assertThatThrownBy(() -> logits(new LocalModelFiles(folder))).hasMessageContaining("has a shape or offsets");
        Files.write(file, Arrays.copyOf(whole, whole.length + 4));
        assertThatThrownBy(() -> logits(new LocalModelFiles(folder))).hasMessageContaining("download it again");
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90272656\n");
        assertThatThrownBy(() -> logits(new LocalModelFiles(folder))).hasMessageContaining("Git LFS pointer");
        damage(bias -> bias.put("dtype", "F4"), "has dtype 'F4', which is not known");
        damage(bias -> bias.put("dtype", "BF16"), "bytes for [3] of BF16");
        damage(bias -> bias.putArray("shape").add(-1), "has a shape or offsets that cannot be");
        damage(bias -> bias.putArray("data_offsets").add(4).add(16), "does not begin where the one before it ends");
    }

    private void damage(Consumer<ObjectNode> change, String message) throws IOException {
        copy.write(
                "model.safetensors",
                copy.tensors,
                header -> change.accept((ObjectNode) header.path("classifier.bias")));
        assertThatThrownBy(() -> logits(copy.filesWithoutTensors())).hasMessageContaining(message);
    }

    private void refuses(String... messages) throws IOException {
        LocalModelFiles files = copy.files();
        for (String message : messages) {
            assertThatThrownBy(() -> logits(files))
                    .isInstanceOf(ModelFolderException.class)
                    .hasMessageContaining(message);
        }
    }

    private float[] logits(ModelFiles files) {
        TokenBatch batch = TokenBatch.of(List.of(row));
        try (ClassificationModel model = ClassificationModel.load(files, backend);
                Pass pass = backend.begin(batch.pages())) {
            return pass.read(model.forward(pass, batch)).array();
        }
    }
}
