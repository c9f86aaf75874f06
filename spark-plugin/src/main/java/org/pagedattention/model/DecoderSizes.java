package org.pagedattention.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pagedattention.backend.Activation;
import org.pagedattention.model.folder.CommonEntries;
import org.pagedattention.model.folder.JsonFile;

/**
 * What all decoders since Llama have.
 *
 * @param feedForward width between a layer's last linear layers
 * @param vocabulary rows of the table of tokens
 * @param longest most tokens of a row
 * @param tied whether the table of tokens also gives the logits of next tokens
 * @param padding id of the token that fills rows up; -1 where there is none
 */
record DecoderSizes(
        int hidden,
        int layers,
        int heads,
        int feedForward,
        Activation activation,
        float epsilon,
        int vocabulary,
        int longest,
        boolean tied,
        int padding) {

    private static final float USUAL_EPSILON = 1e-6f;

    private static final Set<String> OWN = Set.of(
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "intermediate_size",
            "hidden_act",
            "rms_norm_eps",
            "vocab_size",
            "max_position_embeddings",
            "tie_word_embeddings",
            "rope_theta",
            "rope_scaling",
            "rope_parameters",
            "partial_rotary_factor",
            "original_max_position_embeddings",
            "attention_dropout");

    private static final String[] GEMMAS = {
        "hidden_activation",
        "attention_bias",
        "query_pre_attn_scalar",
        "sliding_window",
        "sliding_window_pattern",
        "_sliding_window_pattern",
        "layer_types",
        "rope_local_base_freq",
        "use_bidirectional_attention",
        "cache_implementation"
    };

    /**
     * Refuses entries that are neither known to all decoders nor named.
     *
     * @param more entries of the family's own
     */
    static DecoderSizes read(JsonFile config, String... more) {
        requireOnly(config, more);
        return read(config, ActivationNames.ofConfig(config, "hidden_act", "silu"), false);
    }

    /** The sizes of Gemma. */
    static DecoderSizes gemma(JsonFile config) {
        requireOnly(config, GEMMAS);
        config.requireAbsent("hidden_act", "Gemma's activation is hidden_activation");
        return read(config, ActivationNames.ofConfig(config, "hidden_activation", "gelu_pytorch_tanh"), true);
    }

    Body.Sizes ofBody() {
        return new Body.Sizes(hidden, longest, vocabulary, 1, layers);
    }

    private static void requireOnly(JsonFile config, String... more) {
        Set<String> known = new HashSet<>(OWN);
        known.addAll(List.of(more));
        CommonEntries.requireOnly(config, known);
    }

    private static DecoderSizes read(JsonFile config, Activation activation, boolean usuallyTied) {
        return new DecoderSizes(
                config.count("hidden_size"),
                config.count("num_hidden_layers"),
                config.count("num_attention_heads"),
                config.count("intermediate_size"),
                activation,
                config.has("rms_norm_eps") ? config.number("rms_norm_eps") : USUAL_EPSILON,
                config.count("vocab_size"),
                config.count("max_position_embeddings"),
                config.flag("tie_word_embeddings", usuallyTied),
                CommonEntries.padding(config));
    }
}
