package org.pagedattention.model;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.tensor.Shape;

/**
 * The numbers of BERT and its kin.
 *
 * @param types null where tokens have no type
 */
record BertWeights(
        EmbeddingTable words,
        EmbeddingRows positions,
        @Nullable EmbeddingRows types,
        Norm embeddingNorm,
        List<Layer> layers) {

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
                table(checkpoint, prefix + "embeddings.word_embeddings.weight", config.vocabulary(), hidden),
                rows(checkpoint, prefix + "embeddings.position_embeddings.weight", config.positions(), hidden),
                config.types() == 0
                        ? null
                        : rows(checkpoint, prefix + "embeddings.token_type_embeddings.weight", config.types(), hidden),
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

    private static EmbeddingRows rows(Checkpoint checkpoint, String name, int rows, int columns) {
        return new EmbeddingRows(table(checkpoint, name, rows, columns));
    }

    private static EmbeddingTable table(Checkpoint checkpoint, String name, int rows, int columns) {
        return new EmbeddingTable(checkpoint.take(name, Shape.of(rows, columns)));
    }
}
