package org.pagedattention.model;

import org.pagedattention.model.folder.JsonFile;

/** Which family a model is of, by its config.json. */
final class Families {
    private Families() {}

    /** Reads a body's sizes, and refuses all that changes what a model computes and is not implemented. */
    static Family of(JsonFile config) {
        config.requireAbsent("quantization_config", "take the model's original, unquantised folder");
        config.requireAbsent("auto_map", "it brings Python code of its own, which is not run");
        String family = config.string("model_type");
        return switch (family) {
            case "bert" -> BertConfig.bert(config);
            case "roberta", "xlm-roberta" -> BertConfig.roberta(config);
            case "distilbert" -> BertConfig.distilBert(config);
            case "modernbert" -> ModernBertConfig.read(config);
            case "llama" -> LlamaConfig.llama(config);
            case "mistral" -> LlamaConfig.mistral(config);
            case "qwen2" -> LlamaConfig.qwen2(config);
            case "qwen3" -> LlamaConfig.qwen3(config);
            case "gpt2" -> Gpt2Config.read(config);
            case "gemma3_text" -> GemmaConfig.read(config);
            default ->
                throw config.unsupported(
                        "model_type",
                        "bert, roberta, xlm-roberta, distilbert, modernbert, llama, mistral, qwen2, qwen3, gpt2 and gemma3_text"
                                + " are");
        };
    }
}
