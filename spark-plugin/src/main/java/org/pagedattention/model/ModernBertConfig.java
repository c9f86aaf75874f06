package org.pagedattention.model;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Rotary;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.CommonEntries;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.tensor.ElementType;

/**
 * The sizes of ModernBERT.
 *
 * @param feedForward width between a layer's last linear layers
 * @param vocabulary rows of the table of tokens
 * @param longest most tokens of a row
 * @param windows how many keys the tokens of each layer see on either side, their own included; 0 means all
 * @param global positions of layers that see all keys
 * @param local positions of the others
 * @param pooling what a classifier looks at
 * @param headActivation of a classifier
 */
record ModernBertConfig(
        int hidden,
        int layers,
        int heads,
        int feedForward,
        Activation activation,
        float epsilon,
        int vocabulary,
        int longest,
        List<Integer> windows,
        Rotary global,
        Rotary local,
        SequencePooling pooling,
        Activation headActivation)
        implements Family {

    private static final String PREFIX = "model.";
    private static final String WORDS = "embeddings.tok_embeddings.weight";
    private static final float USUAL_EPSILON = 1e-5f;
    private static final float GLOBAL_BASE = 160_000;
    private static final float LOCAL_BASE = 10_000;
    private static final int USUAL_WINDOW = 128;
    private static final int USUAL_PATTERN = 3;

    private static final Set<String> KNOWN = Set.of(
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "intermediate_size",
            "hidden_activation",
            "norm_eps",
            "norm_bias",
            "attention_bias",
            "mlp_bias",
            "vocab_size",
            "max_position_embeddings",
            "layer_types",
            "global_attn_every_n_layers",
            "local_attention",
            "rope_parameters",
            "global_rope_theta",
            "local_rope_theta",
            "classifier_pooling",
            "classifier_activation",
            "classifier_bias",
            // of training, of other heads and of other implementations
            "attention_dropout",
            "classifier_dropout",
            "embedding_dropout",
            "mlp_dropout",
            "initializer_cutoff_factor",
            "decoder_bias",
            "tie_word_embeddings",
            "sparse_prediction",
            "sparse_pred_ignore_index",
            "deterministic_flash_attn",
            "reference_compile",
            "repad_logits_with_grad",
            // in the configurations of the first checkpoints, and read by nothing
            "layer_norm_eps",
            "position_embedding_type");

    static ModernBertConfig read(JsonFile config) {
        CommonEntries.requireOnly(config, KNOWN);
        for (String bias : List.of("norm_bias", "attention_bias", "mlp_bias", "classifier_bias")) {
            config.require(bias, "false");
        }
        int hidden = config.count("hidden_size");
        int heads = config.count("num_attention_heads");
        if (heads == 0 || hidden % heads != 0) {
            throw config.refuse("has " + heads + " attention heads, which do not divide a width of " + hidden);
        }
        int layers = config.count("num_hidden_layers");
        return new ModernBertConfig(
                hidden,
                layers,
                heads,
                config.count("intermediate_size"),
                ActivationNames.ofConfig(config, "hidden_activation"),
                config.has("norm_eps") ? config.number("norm_eps") : USUAL_EPSILON,
                config.count("vocab_size"),
                config.count("max_position_embeddings"),
                windows(config, layers),
                rotary(config, "full_attention", "global_rope_theta", GLOBAL_BASE, hidden / heads),
                rotary(config, "sliding_attention", "local_rope_theta", LOCAL_BASE, hidden / heads),
                pooling(config),
                ActivationNames.ofConfig(config, "classifier_activation"));
    }

    private static Rotary rotary(JsonFile config, String layers, String key, float usual, int headDim) {
        float base = config.has(key) ? config.number(key) : usual;
        return RotaryConfig.read(config, config.child("rope_parameters").child(layers), headDim, base);
    }

    private static SequencePooling pooling(JsonFile config) {
        return switch (config.string("classifier_pooling", "cls")) {
            case "cls" -> SequencePooling.FIRST;
            case "mean" -> SequencePooling.MEAN;
            default -> throw config.unsupported("classifier_pooling", "cls and mean are");
        };
    }

    /** A token sees half of the window before it, itself, and half of it behind. */
    private static List<Integer> windows(JsonFile config, int layers) {
        int side = config.count("local_attention", USUAL_WINDOW) / 2 + 1;
        if (config.has("layer_types")) {
            return LayerWindows.named(config, layers, side);
        }
        int pattern = Math.max(1, config.count("global_attn_every_n_layers", USUAL_PATTERN));
        return IntStream.range(0, layers)
                .mapToObj(i -> i % pattern == 0 ? 0 : side)
                .toList();
    }

    Rotary rotary(int layer) {
        return windows.get(layer) == 0 ? global : local;
    }

    AttentionSpec attention(int layer) {
        int dim = hidden / heads;
        int window = windows.get(layer);
        Mask mask = window == 0 ? Mask.none() : Mask.around(window);
        return new AttentionSpec(heads, heads, dim, dim, ElementType.FP32, mask, AttentionSpec.defaultScale(dim));
    }

    /** What stands before the names of the model's body: nothing where it was saved without a head. */
    static String prefix(Checkpoint checkpoint) {
        return checkpoint.has(PREFIX + WORDS) ? PREFIX : "";
    }

    @Override
    public Body body(Checkpoint checkpoint, WeightLoader loader) {
        return new ModernBert(this, ModernBertWeights.load(this, checkpoint, loader));
    }

    @Override
    public boolean classifies(Checkpoint checkpoint) {
        return checkpoint.has("classifier.weight");
    }

    @Override
    public ClassificationHead head(int labels, Checkpoint checkpoint, WeightLoader loader) {
        Linear dense = loader.linearWithoutBias(checkpoint, "head.dense", hidden, hidden);
        return new ClassificationHead.OfPool(
                pooling,
                dense,
                headActivation,
                loader.layerNormWithoutBias(checkpoint, "head.norm", hidden, epsilon),
                loader.linear(checkpoint, "classifier", labels, hidden));
    }

    @Override
    public boolean isBesideTheBody(String tensor) {
        return tensor.startsWith("head.") || tensor.startsWith("classifier.") || tensor.startsWith("decoder.");
    }
}
