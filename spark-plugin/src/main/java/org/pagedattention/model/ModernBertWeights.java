package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Weight;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.tensor.Shape;

/** The numbers of ModernBERT, whose linear layers of queries, keys and values are stored as one, as are the gated ones. */
record ModernBertWeights(Weight words, Norm embeddingNorm, List<Layer> layers, Norm norm) {

    /**
     * One layer.
     *
     * @param attentionNorm null in the first one, which comes right behind a norm
     */
    record Layer(
            @Nullable Norm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            Linear attentionOutput,
            Norm feedForwardNorm,
            Linear gate,
            Linear up,
            Linear down) {}

    static ModernBertWeights load(ModernBertConfig config, Checkpoint checkpoint, WeightLoader loader) {
        String prefix = ModernBertConfig.prefix(checkpoint);
        Shape words = Shape.of(config.vocabulary(), config.hidden());
        return new ModernBertWeights(
                loader.table(checkpoint.take(prefix + "embeddings.tok_embeddings.weight", words)),
                norm(config, checkpoint, loader, prefix + "embeddings.norm"),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> layer(config, checkpoint, loader, prefix, i))
                        .toList(),
                norm(config, checkpoint, loader, prefix + "final_norm"));
    }

    private static Layer layer(
            ModernBertConfig config, Checkpoint checkpoint, WeightLoader loader, String prefix, int number) {
        String name = prefix + "layers." + number + ".";
        int hidden = config.hidden();
        List<Linear> inputs = loader.parts(checkpoint, name + "attn.Wqkv", 3, hidden, hidden);
        List<Linear> gated = loader.parts(checkpoint, name + "mlp.Wi", 2, config.feedForward(), hidden);
        return new Layer(
                number == 0 ? null : norm(config, checkpoint, loader, name + "attn_norm"),
                inputs.get(0),
                inputs.get(1),
                inputs.get(2),
                loader.linearWithoutBias(checkpoint, name + "attn.Wo", hidden, hidden),
                norm(config, checkpoint, loader, name + "mlp_norm"),
                gated.get(0),
                gated.get(1),
                loader.linearWithoutBias(checkpoint, name + "mlp.Wo", hidden, config.feedForward()));
    }

    private static Norm norm(ModernBertConfig config, Checkpoint checkpoint, WeightLoader loader, String name) {
        return loader.layerNormWithoutBias(checkpoint, name, config.hidden(), config.epsilon());
    }
}
