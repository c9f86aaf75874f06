package org.pagedattention.model;

import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.Activation;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.tensor.ElementType;

/**
 * The sizes of BERT and its kin.
 *
 * @param naming how the checkpoint calls its tensors
 * @param feedForward width between a layer's two last linear layers
 * @param vocabulary rows of the table of tokens
 * @param positions rows of the table of positions
 * @param types rows of the table of token types; 0 when there is none
 * @param firstPosition row of a text's first token in the table of positions
 * @param padding id of the token that counts no position, as RoBERTa has it; -1 when there is none
 */
record BertConfig(
        BertNaming naming,
        int hidden,
        int layers,
        int heads,
        int feedForward,
        Activation activation,
        float epsilon,
        int vocabulary,
        int positions,
        int types,
        int firstPosition,
        int padding)
        implements Family {

    private static final float USUAL_EPSILON = 1e-12f;

    static BertConfig bert(JsonFile config) {
        return read(config, BertNaming.BERT, 0, -1);
    }

    static BertConfig roberta(JsonFile config) {
        int padding = config.count("pad_token_id", 1);
        return read(config, BertNaming.ROBERTA, padding + 1, padding);
    }

    static BertConfig distilBert(JsonFile config) {
        return new BertConfig(
                        BertNaming.DISTILBERT,
                        config.count("dim"),
                        config.count("n_layers"),
                        config.count("n_heads"),
                        config.count("hidden_dim"),
                        ActivationNames.ofConfig(config, "activation"),
                        USUAL_EPSILON,
                        config.count("vocab_size"),
                        config.count("max_position_embeddings"),
                        0,
                        0,
                        -1)
                .checked(config);
    }

    private static BertConfig read(JsonFile config, BertNaming naming, int firstPosition, int padding) {
        config.require("position_embedding_type", "absolute");
        config.require("is_decoder", "false");
        config.require("add_cross_attention", "false");
        return new BertConfig(
                        naming,
                        config.count("hidden_size"),
                        config.count("num_hidden_layers"),
                        config.count("num_attention_heads"),
                        config.count("intermediate_size"),
                        ActivationNames.ofConfig(config, "hidden_act"),
                        config.has("layer_norm_eps") ? config.number("layer_norm_eps") : USUAL_EPSILON,
                        config.count("vocab_size"),
                        config.count("max_position_embeddings"),
                        config.count("type_vocab_size", 2),
                        firstPosition,
                        padding)
                .checked(config);
    }

    private BertConfig checked(JsonFile config) {
        if (heads == 0 || hidden % heads != 0) {
            throw config.refuse("has " + heads + " attention heads, which do not divide a width of " + hidden);
        }
        if (longest() < 1) {
            throw config.refuse("has a table of " + positions + " positions, too few for one token");
        }
        return this;
    }

    @Override
    public Body body(Checkpoint checkpoint, WeightLoader loader) {
        return new Bert(this, BertWeights.load(this, checkpoint, loader));
    }

    @Override
    public boolean classifies(Checkpoint checkpoint) {
        return checkpoint.hasAny(name -> name.startsWith("classifier."));
    }

    @Override
    public ClassificationHead head(int labels, Checkpoint checkpoint, WeightLoader loader) {
        return switch (naming) {
            case BERT ->
                head(
                        loader.linear(checkpoint, naming.prefix(checkpoint) + "pooler.dense", hidden, hidden),
                        Activation.TANH,
                        loader.linear(checkpoint, "classifier", labels, hidden));
            case ROBERTA ->
                head(
                        loader.linear(checkpoint, "classifier.dense", hidden, hidden),
                        Activation.TANH,
                        loader.linear(checkpoint, "classifier.out_proj", labels, hidden));
            case DISTILBERT ->
                head(
                        loader.linear(checkpoint, "pre_classifier", hidden, hidden),
                        Activation.RELU,
                        loader.linear(checkpoint, "classifier", labels, hidden));
        };
    }

    private static ClassificationHead head(Linear inner, Activation activation, Linear outer) {
        return new ClassificationHead.OfToken(ClassificationHead.Token.FIRST, inner, activation, outer);
    }

    @Override
    public boolean isBesideTheBody(String tensor) {
        return naming.isBesideTheBody(tensor);
    }

    /** Most tokens of a row, special ones included. */
    int longest() {
        return positions - firstPosition;
    }

    AttentionSpec attention() {
        int dim = hidden / heads;
        return new AttentionSpec(
                heads, heads, dim, dim, ElementType.FP32, Mask.none(), AttentionSpec.defaultScale(dim));
    }
}
