package org.pagedattention.jobs.getmodel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** A model's folder, as it would be downloaded from where its authors publish it. */
record ModelFolder(PublishedModel model) implements Bringing {
    private static final String WEIGHTS = "model.safetensors";
    private static final String TOKENIZER = "tokenizer.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Override
    public String title() {
        return model.title();
    }

    @Override
    public String artifact() {
        return model.artifact();
    }

    @Override
    public void write(PinnedJar jar, Path folder) throws IOException {
        byte[] tokenizer = jar.read(model.tokenizer().name(), model.tokenizer().sha256());
        byte[] onnx = jar.read(model.onnx().name(), model.onnx().sha256());
        write(onnx, tokenizer, folder);
    }

    void write(byte[] onnx, byte[] tokenizer, Path folder) throws IOException {
        SafeTensorsFile.write(folder.resolve(WEIGHTS), BertExport.weights(OnnxGraph.read(onnx)));
        Files.write(folder.resolve(TOKENIZER), tokenizer);
        for (Map.Entry<String, JsonNode> setting : settings().properties()) {
            Path file = folder.resolve(setting.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, setting.getValue().toPrettyString() + "\n");
        }
        Files.createDirectories(folder.resolve("2_Normalize"));
    }

    /** The small files by name: what such models have in common, and what is this one's own. */
    private ObjectNode settings() throws IOException {
        try (InputStream in = ModelFolder.class.getResourceAsStream("settings.json")) {
            ObjectNode settings = (ObjectNode) MAPPER.readTree(Objects.requireNonNull(in));
            settings.withObject("/config.json")
                    .put("_name_or_path", model.title())
                    .put("num_hidden_layers", model.layers());
            settings.withObject("/sentence_bert_config.json").put("max_seq_length", model.longest());
            ObjectNode prompts = settings.withObject("/config_sentence_transformers.json/prompts");
            model.prompts().forEach(prompts::put);
            // the slash of this file's name is none of the way to it
            settings.withObject("/1_Pooling~1config.json").put(model.pooling(), true);
            return settings;
        }
    }

    @Override
    public void check(Path folder) throws IOException {
        Checksums.require(folder.resolve(TOKENIZER), model.tokenizer().sha256());
        Checksums.require(folder.resolve(WEIGHTS), model.weightsSha256());
        requireSettings(folder);
    }

    /** @throws IllegalArgumentException when a small file is missing, or says anything else */
    void requireSettings(Path folder) throws IOException {
        for (Map.Entry<String, JsonNode> setting : settings().properties()) {
            Path file = folder.resolve(setting.getKey());
            if (!Files.exists(file)) {
                throw new IllegalArgumentException(file + " is not there, and the model needs it");
            }
            if (!setting.getValue().equals(json(file))) {
                throw new IllegalArgumentException(file + " has other settings than " + setting.getValue());
            }
        }
    }

    private static JsonNode json(Path file) throws IOException {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
