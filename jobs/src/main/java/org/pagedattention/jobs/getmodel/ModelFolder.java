package org.pagedattention.jobs.getmodel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a model's folder as it would be downloaded from where its authors publish it. */
final class ModelFolder {
    static final String WEIGHTS = "model.safetensors";
    /** What decides vectors besides weights and tokens. */
    static final List<String> SETTINGS =
            List.of("config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json");

    static final String TOKENIZER = "tokenizer.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final PublishedModel model;
    private final Path folder;

    ModelFolder(PublishedModel model, Path folder) {
        this.model = model;
        this.folder = folder;
    }

    void write(byte[] onnx, byte[] tokenizer) throws IOException {
        BertExport export = new BertExport(OnnxGraph.read(ByteBuffer.wrap(onnx)));
        SafeTensorsFile.write(folder.resolve(WEIGHTS), export.tensors());
        Files.write(folder.resolve(TOKENIZER), tokenizer);
        write("config.json", config(export));
        write("tokenizer_config.json", tokenizerConfig(export));
        write("special_tokens_map.json", specialTokens(MAPPER.createObjectNode()));
        write("modules.json", modules());
        write(
                "sentence_bert_config.json",
                object().put("max_seq_length", model.longest()).put("do_lower_case", false));
        write("config_sentence_transformers.json", prompts());
        write("1_Pooling/config.json", pooling(export));
        Files.createDirectories(folder.resolve("2_Normalize"));
    }

    private ObjectNode config(BertExport export) {
        ObjectNode config = object();
        config.putArray("architectures").add("BertModel");
        return config.put("_name_or_path", model.title())
                .put("model_type", "bert")
                .put("attention_probs_dropout_prob", 0.1)
                .put("hidden_act", "gelu")
                .put("hidden_dropout_prob", 0.1)
                .put("hidden_size", export.hidden())
                .put("initializer_range", 0.02)
                .put("intermediate_size", export.feedForward())
                .put("layer_norm_eps", Double.parseDouble(Float.toString(export.epsilon())))
                .put("max_position_embeddings", export.positions())
                .put("num_attention_heads", export.heads())
                .put("num_hidden_layers", export.layers())
                .put("pad_token_id", 0)
                .put("position_embedding_type", "absolute")
                .put("torch_dtype", "float32")
                .put("type_vocab_size", export.types())
                .put("vocab_size", export.vocabulary());
    }

    private ObjectNode tokenizerConfig(BertExport export) {
        return specialTokens(object())
                .put("tokenizer_class", "BertTokenizer")
                .put("do_lower_case", true)
                .put("model_max_length", export.positions())
                .putNull("strip_accents")
                .put("tokenize_chinese_chars", true);
    }

    private static ObjectNode specialTokens(ObjectNode json) {
        return json.put("unk_token", "[UNK]")
                .put("sep_token", "[SEP]")
                .put("pad_token", "[PAD]")
                .put("cls_token", "[CLS]")
                .put("mask_token", "[MASK]");
    }

    private static JsonNode modules() {
        return MAPPER.createArrayNode()
                .add(module(0, "", "Transformer"))
                .add(module(1, "1_Pooling", "Pooling"))
                .add(module(2, "2_Normalize", "Normalize"));
    }

    private static ObjectNode module(int index, String path, String type) {
        return object().put("idx", index)
                .put("name", Integer.toString(index))
                .put("path", path)
                .put("type", "sentence_transformers.models." + type);
    }

    private ObjectNode pooling(BertExport export) {
        return object().put("word_embedding_dimension", export.hidden())
                .put("pooling_mode_cls_token", model.pooling().equals("cls"))
                .put("pooling_mode_mean_tokens", model.pooling().equals("mean"))
                .put("pooling_mode_max_tokens", false)
                .put("pooling_mode_mean_sqrt_len_tokens", false);
    }

    private ObjectNode prompts() {
        ObjectNode json = object();
        ObjectNode prompts = json.putObject("prompts");
        model.prompts().forEach(prompts::put);
        return json.putNull("default_prompt_name").put("similarity_fn_name", "cosine");
    }

    private void write(String name, JsonNode json) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, json.toPrettyString() + "\n");
    }

    private static ObjectNode object() {
        return MAPPER.createObjectNode();
    }
}
