package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.tensor.Shape;

/** The numbers of Llama and its kin. */
record LlamaWeights(EmbeddingTable words, List<Layer> layers, Norm norm) {

    /**
     * One layer.
     *
     * @param queryNorm of each head; null where there is none
     * @param keyNorm of each head; null where there is none
     */
    record Layer(
            Norm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            @Nullable Norm queryNorm,
            @Nullable Norm keyNorm,
            Linear attentionOutput,
            Norm feedForwardNorm,
            Linear gate,
            Linear up,
            Linear down) {}

    static LlamaWeights load(LlamaConfig config, Checkpoint checkpoint, WeightLoader loader) {
        DecoderSizes sizes = config.sizes();
        String prefix = DecoderNames.prefix(checkpoint);
        Shape words = Shape.of(sizes.vocabulary(), sizes.hidden());
        return new LlamaWeights(
                new EmbeddingTable(checkpoint.take(DecoderNames.words(checkpoint), words)),
                IntStream.range(0, sizes.layers())
                        .mapToObj(i -> layer(config, checkpoint, loader, prefix + "layers." + i + "."))
                        .toList(),
                loader.rmsNorm(checkpoint, prefix + "norm", sizes.hidden(), sizes.epsilon()));
    }

    private static Layer layer(LlamaConfig config, Checkpoint checkpoint, WeightLoader loader, String prefix) {
        DecoderSizes sizes = config.sizes();
        int hidden = sizes.hidden();
        int queries = sizes.heads() * config.headDim();
        int keys = config.kvHeads() * config.headDim();
        int wide = sizes.feedForward();
        LlamaConfig.Biases biases = config.biases();
        String attention = prefix + "self_attn.";
        return new Layer(
                loader.rmsNorm(checkpoint, prefix + "input_layernorm", hidden, sizes.epsilon()),
                loader.linear(checkpoint, attention + "q_proj", queries, hidden, biases.inputs()),
                loader.linear(checkpoint, attention + "k_proj", keys, hidden, biases.inputs()),
                loader.linear(checkpoint, attention + "v_proj", keys, hidden, biases.inputs()),
                headNorm(config, checkpoint, loader, attention + "q_norm"),
                headNorm(config, checkpoint, loader, attention + "k_norm"),
                loader.linear(checkpoint, attention + "o_proj", hidden, queries, biases.output()),
                loader.rmsNorm(checkpoint, prefix + "post_attention_layernorm", hidden, sizes.epsilon()),
                loader.linear(checkpoint, prefix + "mlp.gate_proj", wide, hidden, biases.feedForward()),
                loader.linear(checkpoint, prefix + "mlp.up_proj", wide, hidden, biases.feedForward()),
                loader.linear(checkpoint, prefix + "mlp.down_proj", hidden, wide, biases.feedForward()));
    }

    private static @Nullable Norm headNorm(
            LlamaConfig config, Checkpoint checkpoint, WeightLoader loader, String name) {
        return config.headNorms()
                ? loader.rmsNorm(
                        checkpoint, name, config.headDim(), config.sizes().epsilon())
                : null;
    }
}
