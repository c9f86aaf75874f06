package org.pagedattention.model;

import java.util.Set;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.CommonEntries;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * The sizes of GPT-2.
 *
 * @param feedForward width between a layer's two last linear layers
 * @param vocabulary rows of the table of tokens
 * @param longest rows of the table of positions
 * @param scaled whether scores are divided by the root of a head's width
 * @param scaledByLayer whether they are divided by the layer's number too, the first being 1
 * @param tied whether the table of tokens also gives the logits of next tokens
 * @param padding id of the token that fills rows up; -1 where there is none
 */
record Gpt2Config(
        int hidden,
        int layers,
        int heads,
        int feedForward,
        Activation activation,
        float epsilon,
        int vocabulary,
        int longest,
        boolean scaled,
        boolean scaledByLayer,
        boolean tied,
        int padding)
        implements Family.OfDecoders {

    private static final String PREFIX = "transformer.";
    private static final String WORDS = "wte.weight";
    private static final String NEXT_TOKENS = "lm_head.weight";
    private static final String SCORE = "score";
    private static final float USUAL_EPSILON = 1e-5f;

    private static final Set<String> KNOWN = Set.of(
            "n_embd",
            "n_layer",
            "n_head",
            "n_inner",
            "n_positions",
            "n_ctx",
            "vocab_size",
            "activation_function",
            "layer_norm_epsilon",
            "scale_attn_weights",
            "scale_attn_by_inverse_layer_idx",
            "reorder_and_upcast_attn",
            "tie_word_embeddings",
            "attn_pdrop",
            "embd_pdrop",
            "resid_pdrop",
            // of a head that no job uses
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj");

    static Gpt2Config read(JsonFile config) {
        CommonEntries.requireOnly(config, KNOWN);
        int hidden = config.count("n_embd");
        int heads = config.count("n_head");
        if (heads == 0 || hidden % heads != 0) {
            throw config.refuse("has " + heads + " attention heads, which do not divide a width of " + hidden);
        }
        return new Gpt2Config(
                hidden,
                config.count("n_layer"),
                heads,
                config.count("n_inner", 4 * hidden),
                ActivationNames.ofConfig(config, "activation_function", "gelu_new"),
                config.has("layer_norm_epsilon") ? config.number("layer_norm_epsilon") : USUAL_EPSILON,
                config.count("vocab_size"),
                config.count("n_positions"),
                config.flag("scale_attn_weights", true),
                config.flag("scale_attn_by_inverse_layer_idx", false),
                config.flag("tie_word_embeddings", true),
                CommonEntries.padding(config));
    }

    AttentionSpec attention(int layer) {
        int dim = hidden / heads;
        float scale = scaled ? AttentionSpec.defaultScale(dim) : 1;
        return new AttentionSpec(
                heads,
                heads,
                dim,
                dim,
                ElementType.FP32,
                Mask.causalBottomRight(),
                scaledByLayer ? scale / (layer + 1) : scale);
    }

    /** What stands before the names of the model's body: nothing where it was saved without a head. */
    static String prefix(Checkpoint checkpoint) {
        return checkpoint.has(PREFIX + WORDS) ? PREFIX : "";
    }

    @Override
    public Body body(Checkpoint checkpoint, WeightLoader loader) {
        return new Gpt2(this, Gpt2Weights.load(this, checkpoint, loader));
    }

    @Override
    public StoredTensor nextTokens(Checkpoint checkpoint) {
        return checkpoint.takeTied(NEXT_TOKENS, prefix(checkpoint) + WORDS, tied, Shape.of(vocabulary, hidden));
    }

    @Override
    public boolean classifies(Checkpoint checkpoint) {
        return checkpoint.has(SCORE + ".weight");
    }

    @Override
    public ClassificationHead head(int labels, Checkpoint checkpoint, WeightLoader loader) {
        return ClassificationHead.OfToken.ofDecoder(
                ClassificationHead.Token.lastBut(padding), loader.linearWithoutBias(checkpoint, SCORE, labels, hidden));
    }

    /** Older checkpoints have the causal mask among their tensors. */
    @Override
    public boolean isBesideTheBody(String tensor) {
        return tensor.equals(NEXT_TOKENS)
                || tensor.startsWith(SCORE + ".")
                || tensor.endsWith(".attn.bias")
                || tensor.endsWith(".attn.masked_bias");
    }
}
