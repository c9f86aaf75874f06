package org.pagedattention.model;

import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Rotary;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * The sizes of Llama and its kin, and what all of them call their tensors.
 *
 * @param family its name for people
 * @param sizes what all decoders have
 * @param kvHeads heads of keys and values; divides those of queries
 * @param headDim numbers of a head
 * @param scale factor on scores
 * @param windows how many keys back the tokens of each layer see, their own included; 0 means all
 * @param global positions of layers that see all keys
 * @param local positions of the others
 * @param biases which linear layers have biases
 * @param headNorms whether each head of queries and keys is normalised
 * @param gemma whether norms stand also behind each half of a layer, have gains that are stored less 1, and words are
 *     multiplied by the root of their width
 */
record LlamaConfig(
        String family,
        DecoderSizes sizes,
        int kvHeads,
        int headDim,
        float scale,
        List<Integer> windows,
        Rotary global,
        Rotary local,
        Biases biases,
        boolean headNorms,
        boolean gemma)
        implements Family.OfDecoders {

    private static final String PREFIX = "model.";
    private static final String WORDS = "embed_tokens.weight";
    private static final String NEXT_TOKENS = "lm_head.weight";
    private static final String SCORE = "score";

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
        Biases biases = new Biases(attention, attention, config.flag("mlp_bias", false));
        return read("Llama", config, sizes, LayerWindows.none(sizes.layers()), biases);
    }

    static LlamaConfig mistral(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, "sliding_window");
        return read("Mistral", config, sizes, LayerWindows.everywhere(config, sizes.layers()), Biases.NONE);
    }

    static LlamaConfig qwen2(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, LayerWindows.KEYS);
        Biases biases = new Biases(true, false, false);
        return read("Qwen2", config, sizes, LayerWindows.ofSome(config, sizes.layers()), biases);
    }

    static LlamaConfig qwen3(JsonFile config) {
        DecoderSizes sizes = DecoderSizes.read(config, LayerWindows.KEYS_AND_BIAS);
        boolean attention = config.flag("attention_bias", false);
        int headDim = config.count("head_dim", 128);
        int kvHeads = config.count("num_key_value_heads");
        List<Integer> windows = LayerWindows.ofSome(config, sizes.layers());
        Biases biases = new Biases(attention, attention, false);
        Rotary rotary = RotaryConfig.read(config, headDim);
        float scale = AttentionSpec.defaultScale(headDim);
        return new LlamaConfig("Qwen3", sizes, kvHeads, headDim, scale, windows, rotary, rotary, biases, true, false)
                .checked(config);
    }

    private static LlamaConfig read(
            String family, JsonFile config, DecoderSizes sizes, List<Integer> windows, Biases biases) {
        if (sizes.heads() == 0 || (!config.has("head_dim") && sizes.hidden() % sizes.heads() != 0)) {
            throw config.refuse(
                    "has " + sizes.heads() + " attention heads, which do not divide a width of " + sizes.hidden());
        }
        int headDim = config.count("head_dim", sizes.hidden() / sizes.heads());
        // other families take other numbers when theirs is missing, and their checkpoints have it
        int kvHeads = family.equals("Llama")
                ? config.count("num_key_value_heads", sizes.heads())
                : config.count("num_key_value_heads");
        Rotary rotary = RotaryConfig.read(config, headDim);
        float scale = AttentionSpec.defaultScale(headDim);
        return new LlamaConfig(family, sizes, kvHeads, headDim, scale, windows, rotary, rotary, biases, false, false)
                .checked(config);
    }

    /** This, where heads of keys divide those of queries. */
    LlamaConfig checked(JsonFile config) {
        if (kvHeads == 0 || sizes.heads() % kvHeads != 0) {
            throw config.refuse("has " + kvHeads + " heads of keys, which do not divide " + sizes.heads());
        }
        return this;
    }

    /** Factor on the table's rows of words. */
    float wordScale() {
        return gemma ? (float) Math.sqrt(sizes.hidden()) : 1;
    }

    Rotary rotary(int layer) {
        return windows.get(layer) == 0 ? global : local;
    }

    AttentionSpec attention(int layer) {
        return new AttentionSpec(
                sizes.heads(),
                kvHeads,
                headDim,
                headDim,
                ElementType.FP32,
                Mask.causalBottomRight().withWindow(windows.get(layer)),
                scale);
    }

    /** What stands before the names of the model's body: nothing where it was saved without a head. */
    static String prefix(Checkpoint checkpoint) {
        return checkpoint.has(PREFIX + WORDS) ? PREFIX : "";
    }

    static String words(Checkpoint checkpoint) {
        return prefix(checkpoint) + WORDS;
    }

    @Override
    public Body body(Checkpoint checkpoint, WeightLoader loader) {
        return new Llama(this, LlamaWeights.load(this, checkpoint, loader));
    }

    @Override
    public StoredTensor nextTokens(Checkpoint checkpoint) {
        Shape shape = Shape.of(sizes.vocabulary(), sizes.hidden());
        return checkpoint.takeTied(NEXT_TOKENS, words(checkpoint), sizes.tied(), shape);
    }

    @Override
    public boolean classifies(Checkpoint checkpoint) {
        return checkpoint.has(SCORE + ".weight");
    }

    @Override
    public ClassificationHead head(int labels, Checkpoint checkpoint, WeightLoader loader) {
        return ClassificationHead.OfToken.ofDecoder(
                ClassificationHead.Token.lastBut(sizes.padding()),
                loader.linearWithoutBias(checkpoint, SCORE, labels, sizes.hidden()));
    }

    /** Checkpoints from before 2023 have the frequencies of rotary embeddings among their tensors. */
    @Override
    public boolean isBesideTheBody(String name) {
        return name.equals(NEXT_TOKENS) || name.startsWith(SCORE + ".") || name.endsWith(".rotary_emb.inv_freq");
    }
}
