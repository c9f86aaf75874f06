package org.pagedattention.model;

import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;

/**
 * ModernBERT: each token sees all tokens of its row, or in most layers those near it; norms come before what they norm,
 * positions turn queries and keys, and the last layers of each block are gated.
 */
record ModernBert(ModernBertConfig config, ModernBertWeights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        return pass.scope(() -> {
            Tensor words = pass.lookup(weights.words(), batch.ids());
            Tensor x = pass.norm(weights.embeddingNorm(), words);
            return pass.norm(weights.norm(), throughLayers(pass, x, (layer, y) -> forward(pass, layer, y)));
        });
    }

    private Tensor forward(Pass pass, int number, Tensor x) {
        ModernBertWeights.Layer layer = weights.layers().get(number);
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> attend(pass, number, x));
            return layer.attentionOutput().plus(pass, attended, x);
        });
        Tensor wide = pass.scope(() -> {
            Tensor normed = pass.norm(layer.feedForwardNorm(), y);
            Tensor up = layer.up().apply(pass, normed);
            return layer.gate().gate(pass, normed, config.activation(), up);
        });
        return layer.down().plus(pass, wide, y);
    }

    private Tensor attend(Pass pass, int number, Tensor x) {
        ModernBertWeights.Layer layer = weights.layers().get(number);
        Tensor normed = layer.attentionNorm() == null ? x : pass.norm(layer.attentionNorm(), x);
        Tensor q = pass.rope(layer.query().apply(pass, normed), config.rotary(number));
        Tensor k = pass.rope(layer.key().apply(pass, normed), config.rotary(number));
        Tensor v = layer.value().apply(pass, normed);
        return pass.attend(config.attention(number), q, k, v);
    }

    @Override
    public Sizes sizes() {
        return new Sizes(config.hidden(), config.longest(), config.vocabulary(), 1, config.layers());
    }

    @Override
    public String description() {
        return "ModernBERT of " + config.layers() + " layers, " + config.heads() + " heads and width "
                + config.hidden();
    }
}
