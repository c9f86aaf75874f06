package org.pagedattention.model;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;

/**
 * Llama, and with windows Mistral, with biases Qwen2, with norms of each head Qwen3: each token sees those before it, norms
 * come before what they norm, positions turn queries and keys, and the last layers of each block are gated. Gemma 3 has
 * norms of each head too, further norms behind each half of a layer, words that are as long as the root of their width, and
 * most layers seeing a window only, with positions of their own.
 */
record Llama(LlamaConfig config, LlamaWeights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        return pass.scope(() -> {
            Tensor x = pass.lookup(weights.words(), batch.ids());
            return pass.norm(weights.norm(), throughLayers(pass, x, (layer, y) -> forward(pass, layer, y)));
        });
    }

    private Tensor forward(Pass pass, int number, Tensor x) {
        LlamaWeights.Layer layer = weights.layers().get(number);
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> attend(pass, number, pass.norm(layer.attentionNorm(), x)));
            return plus(pass, layer.attentionOutput(), attended, layer.attendedNorm(), x);
        });
        Tensor wide = pass.scope(() -> {
            Tensor normed = pass.norm(layer.feedForwardNorm(), y);
            Tensor up = layer.up().apply(pass, normed);
            return layer.gate().gate(pass, normed, config.sizes().activation(), up);
        });
        return plus(pass, layer.down(), wide, layer.fedNorm(), y);
    }

    /** What the last layer of a half makes of {@code x}, normed where Gemma does so, and what went into that half. */
    private static Tensor plus(Pass pass, Linear last, Tensor x, @Nullable Norm norm, Tensor residual) {
        return norm == null ? last.plus(pass, x, residual) : pass.add(pass.norm(norm, last.apply(pass, x)), residual);
    }

    private Tensor attend(Pass pass, int number, Tensor x) {
        LlamaWeights.Layer layer = weights.layers().get(number);
        Tensor q = turned(pass, number, layer.queryNorm(), layer.query().apply(pass, x));
        Tensor k = turned(pass, number, layer.keyNorm(), layer.key().apply(pass, x));
        Tensor v = layer.value().apply(pass, x);
        return pass.attend(config.attention(number), q, k, v);
    }

    private Tensor turned(Pass pass, int number, @Nullable Norm norm, Tensor heads) {
        return pass.rope(norm == null ? heads : pass.norm(norm, heads), config.rotary(number));
    }

    @Override
    public Sizes sizes() {
        return config.sizes().ofBody();
    }

    @Override
    public String description() {
        return config.family() + " of " + config.sizes().layers() + " layers, "
                + config.sizes().heads() + " heads (" + config.kvHeads() + " of keys and values) and width "
                + config.sizes().hidden();
    }
}
