package org.pagedattention.model;

import java.nio.FloatBuffer;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.Shape;

/**
 * BERT, and with other names and positions RoBERTa, XLM-RoBERTa and DistilBERT: each token sees all tokens of its row,
 * and norms come behind what they norm.
 */
record Bert(BertConfig config, BertWeights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        Tensor embedded =
                pass.upload(Shape.of(batch.tokens(), config.hidden()), rows -> embed(batch, rows.asFloatBuffer()));
        Tensor x = pass.norm(weights.embeddingNorm(), embedded);
        return throughLayers(
                pass, x, (layer, y) -> forward(pass, weights.layers().get(layer), y));
    }

    private Tensor forward(Pass pass, BertWeights.Layer layer, Tensor x) {
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> attend(pass, layer, x));
            return pass.norm(layer.attentionNorm(), layer.attentionOutput().plus(pass, attended, x));
        });
        Tensor narrow = pass.scope(() -> {
            Tensor wide = layer.widen().apply(pass, y, config.activation());
            return layer.narrow().plus(pass, wide, y);
        });
        return pass.norm(layer.outputNorm(), narrow);
    }

    private Tensor attend(Pass pass, BertWeights.Layer layer, Tensor x) {
        int hidden = config.hidden();
        Tensor all = layer.queryKeyValue().apply(pass, x);
        Tensor q = pass.columns(all, 0, hidden);
        Tensor k = pass.columns(all, hidden, hidden);
        Tensor v = pass.columns(all, 2 * hidden, hidden);
        return pass.attend(config.attention(), q, k, v);
    }

    /** Word, type and position of every token. */
    private void embed(TokenBatch batch, FloatBuffer rows) {
        float[] row = new float[config.hidden()];
        PagedBatch pages = batch.pages();
        for (int s = 0; s < pages.sequences(); s++) {
            int position = config.firstPosition();
            for (int t = pages.queryStart(s); t < pages.queryStart(s + 1); t++) {
                weights.words().read(batch.ids()[t], row);
                if (weights.types() != null) {
                    weights.types().add(batch.types()[t], row);
                }
                boolean pads = batch.ids()[t] == config.padding();
                weights.positions().add(pads ? config.padding() : position++, row);
                rows.put(row);
            }
        }
    }

    @Override
    public Sizes sizes() {
        return new Sizes(
                config.hidden(), config.longest(), config.vocabulary(), Math.max(1, config.types()), config.layers());
    }

    @Override
    public String description() {
        return config.naming().family() + " of " + config.layers() + " layers, " + config.heads() + " heads and width "
                + config.hidden();
    }
}
