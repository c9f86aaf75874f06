package org.pagedattention.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.pagedattention.model.folder.JsonFile;

/** How many keys back the tokens of each layer see, as configurations say it; 0 means all. */
final class LayerWindows {
    /** What {@link #ofSome} reads. */
    static final String[] KEYS = {"sliding_window", "use_sliding_window", "max_window_layers", "layer_types"};

    /** The same and {@code attention_bias}. */
    static final String[] KEYS_AND_BIAS = {
        "sliding_window", "use_sliding_window", "max_window_layers", "layer_types", "attention_bias"
    };

    /** What transformers takes for a window that is not there; one that is null is none. */
    private static final int USUAL = 4096;

    private static final int USUAL_FULL_LAYERS = 28;

    private LayerWindows() {}

    static List<Integer> none(int layers) {
        return Collections.nCopies(layers, 0);
    }

    /** One window for all layers, as Mistral has it. */
    static List<Integer> everywhere(JsonFile config, int layers) {
        return Collections.nCopies(layers, window(config));
    }

    /** A window for the last layers, or for those that {@code layer_types} names, as Qwen has it. */
    static List<Integer> ofSome(JsonFile config, int layers) {
        int window = config.flag("use_sliding_window", false) ? window(config) : 0;
        if (config.has("layer_types")) {
            return named(config, layers, window);
        }
        int full = config.count("max_window_layers", USUAL_FULL_LAYERS);
        List<Integer> windows = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            windows.add(i >= full ? window : 0);
        }
        return List.copyOf(windows);
    }

    /** A window for the layers that {@code layer_types} calls sliding. */
    static List<Integer> named(JsonFile config, int layers, int window) {
        JsonNode types = config.root().path("layer_types");
        List<Integer> windows = new ArrayList<>();
        for (JsonNode type : types) {
            boolean sliding = type.asText().equals("sliding_attention");
            if (sliding ? window == 0 : !type.asText().equals("full_attention")) {
                throw config.unsupported(
                        "layer_types", "full_attention is, and sliding_attention where there is a sliding_window");
            }
            windows.add(sliding ? window : 0);
        }
        if (windows.size() != layers) {
            throw config.refuse("has " + windows.size() + " layer_types for " + layers + " layers");
        }
        return List.copyOf(windows);
    }

    /** The window of those layers that have one; 0 where it is null. */
    static int window(JsonFile config) {
        return config.root().has("sliding_window") ? config.count("sliding_window", 0) : USUAL;
    }
}
