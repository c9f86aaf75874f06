package org.pagedattention.model.folder;

import java.util.HashSet;
import java.util.Set;

/** Entries that the config.json of any family may have, and that change nothing of what is computed here. */
public final class CommonEntries {
    private static final Set<String> HARMLESS = Set.of(
            "architectures",
            "model_type",
            "transformers_version",
            "torch_dtype",
            "dtype",
            "_name_or_path",
            "name_or_path",
            "use_cache",
            "initializer_range",
            "bos_token_id",
            "eos_token_id",
            "pad_token_id",
            "unk_token_id",
            "sep_token_id",
            "cls_token_id",
            "mask_token_id",
            "decoder_start_token_id",
            "tokenizer_class",
            "id2label",
            "label2id",
            "num_labels",
            "problem_type",
            "sentence_transformers",
            "sbert_ce_default_activation_function",
            "output_hidden_states",
            "output_attentions",
            "return_dict",
            "torchscript",
            "chunk_size_feed_forward",
            "task_specific_params",
            "finetuning_task",
            "prefix",
            "pruned_heads",
            "is_decoder",
            "gradient_checkpointing",
            "_attn_implementation_autoset",
            "transformers.js_config",
            "unsloth_version",
            "unsloth_fixed",
            // for making texts
            "do_sample",
            "early_stopping",
            "max_length",
            "min_length",
            "max_new_tokens",
            "num_beams",
            "num_return_sequences",
            "repetition_penalty",
            "temperature",
            "top_k",
            "top_p");

    private CommonEntries() {}

    /** Id of the token that fills rows up; -1 where there is none. */
    public static int padding(JsonFile config) {
        return config.root().path("pad_token_id").asInt(-1);
    }

    /** Refuses entries that are neither harmless nor among {@code known}. */
    public static void requireOnly(JsonFile config, Set<String> known) {
        Set<String> all = new HashSet<>(HARMLESS);
        all.addAll(known);
        all.addAll(Set.of("is_encoder_decoder", "add_cross_attention"));
        config.requireOnly(all);
        config.require("is_encoder_decoder", "false");
        config.require("add_cross_attention", "false");
    }
}
