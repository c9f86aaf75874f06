package org.pagedattention.model;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.backend.Rotary;
import org.pagedattention.model.folder.JsonFile;

/** Reads the sizes of Gemma 3 for texts. */
final class GemmaConfig {
    private static final int USUAL_PATTERN = 6;
    private static final int USUAL_HEAD = 256;
    private static final float GLOBAL_BASE = 1e6f;
    private static final float LOCAL_BASE = 1e4f;

    private GemmaConfig() {}

    static LlamaConfig read(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.gemma(config);
        config.require("use_bidirectional_attention", "false");
        config.require("attention_bias", "false");
        int headDim = config.count("head_dim", USUAL_HEAD);
        int scalar = config.count("query_pre_attn_scalar", USUAL_HEAD);
        return new LlamaConfig(
                        "Gemma 3",
                        sizes,
                        config.count("num_key_value_heads"),
                        headDim,
                        (float) (1 / Math.sqrt(scalar)),
                        windows(config, sizes.layers()),
                        global(config, headDim),
                        local(config, headDim),
                        LlamaConfig.Biases.NONE,
                        true,
                        true)
                .checked(config);
    }

    /** Every sixth layer sees all keys, where nothing else is said. */
    private static List<Integer> windows(JsonFile config, int layers) {
        int window = LayerWindows.window(config);
        if (config.has("layer_types")) {
            return LayerWindows.named(config, layers, window);
        }
        int pattern = config.count("sliding_window_pattern", USUAL_PATTERN);
        if (pattern == 0 || window == 0) {
            throw config.refuse("has neither layer_types nor a sliding_window and a sliding_window_pattern from 1 on");
        }
        List<Integer> windows = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            windows.add((i + 1) % pattern == 0 ? 0 : window);
        }
        return List.copyOf(windows);
    }

    private static Rotary global(JsonFile config, int headDim) {
        JsonFile scaling = config.child("rope_scaling");
        JsonFile own = config.child("rope_parameters").child("full_attention");
        if (!scaling.root().isEmpty() && !own.root().isEmpty()) {
            throw config.refuse("has rope_scaling and rope_parameters: one of them is for another version of it");
        }
        float base = config.has("rope_theta") ? config.number("rope_theta") : GLOBAL_BASE;
        return RotaryConfig.read(config, own.root().isEmpty() ? scaling : own, headDim, base);
    }

    private static Rotary local(JsonFile config, int headDim) {
        JsonFile own = config.child("rope_parameters").child("sliding_attention");
        float base = config.has("rope_local_base_freq") ? config.number("rope_local_base_freq") : LOCAL_BASE;
        return RotaryConfig.read(config, own, headDim, base);
    }
}
