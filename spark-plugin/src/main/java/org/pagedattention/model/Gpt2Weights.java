package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Weight;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.tensor.Shape;

/** The numbers of GPT-2. Its linear layers are stored {@code [in, out]}, and those of queries, keys and values as one. */
record Gpt2Weights(Weight words, Weight positions, List<Layer> layers, Norm norm) {

    record Layer(
            Norm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            Linear attentionOutput,
            Norm feedForwardNorm,
            Linear widen,
            Linear narrow) {}

    static Gpt2Weights load(Gpt2Config config, Checkpoint checkpoint, WeightLoader loader) {
        String prefix = Gpt2Config.prefix(checkpoint);
        int hidden = config.hidden();
        return new Gpt2Weights(
                loader.table(checkpoint.take(prefix + "wte.weight", Shape.of(config.vocabulary(), hidden))),
                loader.table(checkpoint.take(prefix + "wpe.weight", Shape.of(config.longest(), hidden))),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> layer(config, checkpoint, loader, prefix + "h." + i + "."))
                        .toList(),
                loader.layerNorm(checkpoint, prefix + "ln_f", hidden, config.epsilon()));
    }

    private static Layer layer(Gpt2Config config, Checkpoint checkpoint, WeightLoader loader, String prefix) {
        int hidden = config.hidden();
        int wide = config.feedForward();
        List<Linear> inputs = loader.transposed(checkpoint, prefix + "attn.c_attn", hidden, 3, hidden);
        return new Layer(
                loader.layerNorm(checkpoint, prefix + "ln_1", hidden, config.epsilon()),
                inputs.get(0),
                inputs.get(1),
                inputs.get(2),
                loader.transposed(checkpoint, prefix + "attn.c_proj", hidden, 1, hidden)
                        .get(0),
                loader.layerNorm(checkpoint, prefix + "ln_2", hidden, config.epsilon()),
                loader.transposed(checkpoint, prefix + "mlp.c_fc", hidden, 1, wide)
                        .get(0),
                loader.transposed(checkpoint, prefix + "mlp.c_proj", wide, 1, hidden)
                        .get(0));
    }
}
