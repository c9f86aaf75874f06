package org.pagedattention.model;

import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.paging.PagedBatch;

/**
 * BERT, and with other names and positions RoBERTa, XLM-RoBERTa and DistilBERT: each token sees all tokens of its row,
 * and norms come behind what they norm.
 */
record Bert(BertConfig config, BertWeights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        Tensor x = pass.scope(() -> {
            Tensor words = pass.lookup(weights.words(), batch.ids());
            return pass.norm(weights.embeddingNorm(), pass.add(words, pass.lookup(weights.places(), places(batch))));
        });
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

    /** Type and position of every token. */
    private int[] places(TokenBatch batch) {
        PagedBatch pages = batch.pages();
        int[] places = new int[batch.tokens()];
        for (int s = 0; s < pages.sequences(); s++) {
            int position = config.firstPosition();
            for (int t = pages.queryStart(s); t < pages.queryStart(s + 1); t++) {
                boolean pads = batch.ids()[t] == config.padding();
                int own = pads ? config.padding() : position++;
                places[t] = (config.types() == 0 ? 0 : batch.types()[t] * config.positions()) + own;
            }
        }
        return places;
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
