package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Weight;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/**
 * The numbers of BERT and its kin.
 *
 * @param places positions; where tokens have types, the sum of each type and each position, type after type
 */
record BertWeights(Weight words, Weight places, Norm embeddingNorm, List<Layer> layers) {

    /**
     * A layer.
     *
     * @param queryKeyValue the three of them side by side
     */
    record Layer(
            Linear queryKeyValue,
            Linear attentionOutput,
            Norm attentionNorm,
            Linear widen,
            Linear narrow,
            Norm outputNorm) {}

    static BertWeights load(BertConfig config, Checkpoint checkpoint, WeightLoader loader) {
        String prefix = config.naming().prefix(checkpoint);
        int hidden = config.hidden();
        return new BertWeights(
                loader.table(checkpoint.take(
                        prefix + "embeddings.word_embeddings.weight", Shape.of(config.vocabulary(), hidden))),
                loader.table(places(config, checkpoint, prefix + "embeddings.")),
                loader.layerNorm(checkpoint, prefix + "embeddings.LayerNorm", hidden, config.epsilon()),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> layer(
                                config,
                                checkpoint,
                                loader,
                                prefix + config.naming().layer(i)))
                        .toList());
    }

    private static Layer layer(BertConfig config, Checkpoint checkpoint, WeightLoader loader, String prefix) {
        BertNaming naming = config.naming();
        int hidden = config.hidden();
        int wide = config.feedForward();
        return new Layer(
                loader.beside(
                        checkpoint,
                        List.of(prefix + naming.query(), prefix + naming.key(), prefix + naming.value()),
                        hidden,
                        hidden),
                loader.linear(checkpoint, prefix + naming.attentionOutput(), hidden, hidden),
                loader.layerNorm(checkpoint, prefix + naming.attentionNorm(), hidden, config.epsilon()),
                loader.linear(checkpoint, prefix + naming.widen(), wide, hidden),
                loader.linear(checkpoint, prefix + naming.narrow(), hidden, wide),
                loader.layerNorm(checkpoint, prefix + naming.outputNorm(), hidden, config.epsilon()));
    }

    private static StoredRows places(BertConfig config, Checkpoint checkpoint, String prefix) {
        StoredTensor positions =
                checkpoint.take(prefix + "position_embeddings.weight", Shape.of(config.positions(), config.hidden()));
        if (config.types() == 0) {
            return positions;
        }
        return new SummedRows(
                checkpoint.take(prefix + "token_type_embeddings.weight", Shape.of(config.types(), config.hidden())),
                positions);
    }
}
