package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.backend.Norm;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.tensor.Shape;

/** The numbers of Gemma 3. */
record GemmaWeights(EmbeddingTable words, List<Layer> layers, Norm norm) {

    /**
     * One layer.
     *
     * @param attendedNorm of what the attention gives, before it is added
     * @param fedNorm of what the last linear layers give, before it is added
     */
    record Layer(
            Norm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            Norm queryNorm,
            Norm keyNorm,
            Linear attentionOutput,
            Norm attendedNorm,
            Norm feedForwardNorm,
            Linear gate,
            Linear up,
            Linear down,
            Norm fedNorm) {}

    static GemmaWeights load(GemmaConfig config, Checkpoint checkpoint, WeightLoader loader) {
        DecoderSizes sizes = config.sizes();
        String prefix = DecoderNames.prefix(checkpoint);
        Shape words = Shape.of(sizes.vocabulary(), sizes.hidden());
        return new GemmaWeights(
                new EmbeddingTable(checkpoint.take(DecoderNames.words(checkpoint), words)),
                IntStream.range(0, sizes.layers())
                        .mapToObj(i -> layer(config, checkpoint, loader, prefix + "layers." + i + "."))
                        .toList(),
                loader.gemmaNorm(checkpoint, prefix + "norm", sizes.hidden(), sizes.epsilon()));
    }

    private static Layer layer(GemmaConfig config, Checkpoint checkpoint, WeightLoader loader, String prefix) {
        DecoderSizes sizes = config.sizes();
        float epsilon = sizes.epsilon();
        int hidden = sizes.hidden();
        int queries = sizes.heads() * config.headDim();
        int keys = config.kvHeads() * config.headDim();
        int wide = sizes.feedForward();
        String attention = prefix + "self_attn.";
        return new Layer(
                loader.gemmaNorm(checkpoint, prefix + "input_layernorm", hidden, epsilon),
                loader.linearWithoutBias(checkpoint, attention + "q_proj", queries, hidden),
                loader.linearWithoutBias(checkpoint, attention + "k_proj", keys, hidden),
                loader.linearWithoutBias(checkpoint, attention + "v_proj", keys, hidden),
                loader.gemmaNorm(checkpoint, attention + "q_norm", config.headDim(), epsilon),
                loader.gemmaNorm(checkpoint, attention + "k_norm", config.headDim(), epsilon),
                loader.linearWithoutBias(checkpoint, attention + "o_proj", hidden, queries),
                loader.gemmaNorm(checkpoint, prefix + "post_attention_layernorm", hidden, epsilon),
                loader.gemmaNorm(checkpoint, prefix + "pre_feedforward_layernorm", hidden, epsilon),
                loader.linearWithoutBias(checkpoint, prefix + "mlp.gate_proj", wide, hidden),
                loader.linearWithoutBias(checkpoint, prefix + "mlp.up_proj", wide, hidden),
                loader.linearWithoutBias(checkpoint, prefix + "mlp.down_proj", hidden, wide),
                loader.gemmaNorm(checkpoint, prefix + "post_feedforward_layernorm", hidden, epsilon));
    }
}
