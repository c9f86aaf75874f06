package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Weight;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.tensor.Shape;

/** The numbers of Llama and its kin. */
record LlamaWeights(Weight words, List<Layer> layers, Norm norm) {

    /**
     * One layer.
     *
     * @param queryNorm of each head; null where there is none
     * @param keyNorm of each head; null where there is none
     * @param attendedNorm of what the attention gives, before it is added; null where there is none
     * @param fedNorm of what the last linear layers give, before it is added; null where there is none
     */
    record Layer(
            Norm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            @Nullable Norm queryNorm,
            @Nullable Norm keyNorm,
            Linear attentionOutput,
            @Nullable Norm attendedNorm,
            Norm feedForwardNorm,
            Linear gate,
            Linear up,
            Linear down,
            @Nullable Norm fedNorm) {}

    static LlamaWeights load(LlamaConfig config, Checkpoint checkpoint, WeightLoader loader) {
        DecoderSizes sizes = config.sizes();
        String prefix = LlamaConfig.prefix(checkpoint);
        Shape words = Shape.of(sizes.vocabulary(), sizes.hidden());
        Norms norms = new Norms(config, checkpoint, loader);
        return new LlamaWeights(
                loader.table(checkpoint.take(LlamaConfig.words(checkpoint), words), config.wordScale()),
                IntStream.range(0, sizes.layers())
                        .mapToObj(i -> layer(config, checkpoint, loader, norms, prefix + "layers." + i + "."))
                        .toList(),
                norms.ofTokens(prefix + "norm"));
    }

    private static Layer layer(
            LlamaConfig config, Checkpoint checkpoint, WeightLoader loader, Norms norms, String prefix) {
        int hidden = config.sizes().hidden();
        int wide = config.sizes().feedForward();
        int queries = config.sizes().heads() * config.headDim();
        int keys = config.kvHeads() * config.headDim();
        LlamaConfig.Biases biases = config.biases();
        boolean gemma = config.gemma();
        String attention = prefix + "self_attn.";
        String beforeFeedForward = gemma ? "pre_feedforward_layernorm" : "post_attention_layernorm";
        return new Layer(
                norms.ofTokens(prefix + "input_layernorm"),
                loader.linear(checkpoint, attention + "q_proj", queries, hidden, biases.inputs()),
                loader.linear(checkpoint, attention + "k_proj", keys, hidden, biases.inputs()),
                loader.linear(checkpoint, attention + "v_proj", keys, hidden, biases.inputs()),
                config.headNorms() ? norms.ofHeads(attention + "q_norm") : null,
                config.headNorms() ? norms.ofHeads(attention + "k_norm") : null,
                loader.linear(checkpoint, attention + "o_proj", hidden, queries, biases.output()),
                gemma ? norms.ofTokens(prefix + "post_attention_layernorm") : null,
                norms.ofTokens(prefix + beforeFeedForward),
                loader.linear(checkpoint, prefix + "mlp.gate_proj", wide, hidden, biases.feedForward()),
                loader.linear(checkpoint, prefix + "mlp.up_proj", wide, hidden, biases.feedForward()),
                loader.linear(checkpoint, prefix + "mlp.down_proj", hidden, wide, biases.feedForward()),
                gemma ? norms.ofTokens(prefix + "post_feedforward_layernorm") : null);
    }

    /** Norms as this family stores them. */
    private record Norms(LlamaConfig config, Checkpoint checkpoint, WeightLoader loader) {

        Norm ofTokens(String name) {
            return norm(name, config.sizes().hidden());
        }

        Norm ofHeads(String name) {
            return norm(name, config.headDim());
        }

        private Norm norm(String name, int columns) {
            float epsilon = config.sizes().epsilon();
            return config.gemma()
                    ? loader.gemmaNorm(checkpoint, name, columns, epsilon)
                    : loader.rmsNorm(checkpoint, name, columns, epsilon);
        }
    }
}
