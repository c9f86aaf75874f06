package org.pagedattention.model;

import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.paging.PagedBatch;

/** GPT-2: each token sees those before it, norms come before what they norm, and positions are learned. */
record Gpt2(Gpt2Config config, Gpt2Weights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        return pass.scope(() -> {
            Tensor words = pass.lookup(weights.words(), batch.ids());
            Tensor x = pass.add(words, pass.lookup(weights.positions(), positions(batch.pages())));
            return pass.norm(weights.norm(), throughLayers(pass, x, (layer, y) -> forward(pass, layer, y)));
        });
    }

    private Tensor forward(Pass pass, int number, Tensor x) {
        Gpt2Weights.Layer layer = weights.layers().get(number);
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> attend(pass, number, pass.norm(layer.attentionNorm(), x)));
            return layer.attentionOutput().plus(pass, attended, x);
        });
        Tensor wide =
                pass.scope(() -> layer.widen().apply(pass, pass.norm(layer.feedForwardNorm(), y), config.activation()));
        return layer.narrow().plus(pass, wide, y);
    }

    private Tensor attend(Pass pass, int number, Tensor x) {
        Gpt2Weights.Layer layer = weights.layers().get(number);
        Tensor q = layer.query().apply(pass, x);
        Tensor k = layer.key().apply(pass, x);
        Tensor v = layer.value().apply(pass, x);
        return pass.attend(config.attention(number), q, k, v);
    }

    private static int[] positions(PagedBatch pages) {
        int[] positions = new int[pages.queryTokens()];
        for (int s = 0; s < pages.sequences(); s++) {
            int shift = pages.firstPosition(s) - pages.queryStart(s);
            for (int t = pages.queryStart(s); t < pages.queryStart(s + 1); t++) {
                positions[t] = t + shift;
            }
        }
        return positions;
    }

    @Override
    public Sizes sizes() {
        return new Sizes(config.hidden(), config.longest(), config.vocabulary(), 1, config.layers());
    }

    @Override
    public String description() {
        return "GPT-2 of " + config.layers() + " layers, " + config.heads() + " heads and width " + config.hidden();
    }
}
