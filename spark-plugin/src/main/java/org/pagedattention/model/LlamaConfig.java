package org.pagedattention.model;

import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Rotary;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.tensor.ElementType;

/**
 * The sizes of Llama and its kin.
 *
 * @param family its name for people
 * @param sizes what all decoders have
 * @param kvHeads heads of keys and values; divides those of queries
 * @param headDim numbers of a head
 * @param windows how many keys back the tokens of each layer see, their own included; 0 means all
 * @param biases which linear layers have biases
 * @param headNorms whether each head of queries and keys is normalised
 */
record LlamaConfig(
        String family,
        DecoderSizes sizes,
        int kvHeads,
        int headDim,
        Rotary rotary,
        List<Integer> windows,
        Biases biases,
        boolean headNorms)
        implements DecoderNames {

    /**
     * Which linear layers have biases.
     *
     * @param inputs those of queries, keys and values
     * @param output the one behind the attention
     * @param feedForward those behind the second norm
     */
    record Biases(boolean inputs, boolean output, boolean feedForward) {

        static final Biases NONE = new Biases(false, false, false);
    }

    static LlamaConfig llama(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, "attention_bias", "mlp_bias", "pretraining_tp");
        boolean attention = config.flag("attention_bias", false);
        return read("Llama", config, sizes, new Biases(attention, attention, config.flag("mlp_bias", false)))
                .checked(config);
    }

    static LlamaConfig mistral(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, "sliding_window");
        return read("Mistral", config, sizes, Biases.NONE)
                .withWindows(LayerWindows.everywhere(config, sizes.layers()))
                .checked(config);
    }

    static LlamaConfig qwen2(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, LayerWindows.KEYS);
        return read("Qwen2", config, sizes, new Biases(true, false, false))
                .withWindows(LayerWindows.ofSome(config, sizes.layers()))
                .checked(config);
    }

    static LlamaConfig qwen3(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, LayerWindows.KEYS_AND_BIAS);
        boolean attention = config.flag("attention_bias", false);
        int headDim = config.count("head_dim", 128);
        return new LlamaConfig(
                        "Qwen3",
                        sizes,
                        config.count("num_key_value_heads"),
                        headDim,
                        RotaryConfig.read(config, headDim),
                        LayerWindows.ofSome(config, sizes.layers()),
                        new Biases(attention, attention, false),
                        true)
                .checked(config);
    }

    private static LlamaConfig read(String family, JsonFile config, DecoderSizes sizes, Biases biases) {
        if (sizes.heads() == 0 || (!config.has("head_dim") && sizes.hidden() % sizes.heads() != 0)) {
            throw config.refuse(
                    "has " + sizes.heads() + " attention heads, which do not divide a width of " + sizes.hidden());
        }
        int headDim = config.count("head_dim", sizes.hidden() / sizes.heads());
        // other families take other numbers when theirs is missing, and their checkpoints have it
        int kvHeads = family.equals("Llama")
                ? config.count("num_key_value_heads", sizes.heads())
                : config.count("num_key_value_heads");
        return new LlamaConfig(
                family,
                sizes,
                kvHeads,
                headDim,
                RotaryConfig.read(config, headDim),
                LayerWindows.none(sizes.layers()),
                biases,
                false);
    }

    private LlamaConfig withWindows(List<Integer> some) {
        return new LlamaConfig(family, sizes, kvHeads, headDim, rotary, some, biases, headNorms);
    }

    private LlamaConfig checked(JsonFile config) {
        if (kvHeads == 0 || sizes.heads() % kvHeads != 0) {
            throw config.refuse("has " + kvHeads + " heads of keys, which do not divide " + sizes.heads());
        }
        return this;
    }

    Activation activation() {
        return sizes.activation();
    }

    AttentionSpec attention(int layer) {
        return new AttentionSpec(
                sizes.heads(),
                kvHeads,
                headDim,
                headDim,
                ElementType.FP32,
                Mask.causalBottomRight().withWindow(windows.get(layer)),
                AttentionSpec.defaultScale(headDim));
    }

    @Override
    public Body body(Checkpoint checkpoint, WeightLoader loader) {
        return new Llama(this, LlamaWeights.load(this, checkpoint, loader));
    }
}
