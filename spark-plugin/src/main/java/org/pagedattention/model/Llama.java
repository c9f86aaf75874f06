package org.pagedattention.model;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.tensor.Shape;

/**
 * Llama, and with windows Mistral, with biases Qwen2, with norms of each head Qwen3: each token sees those before it, norms
 * come before what they norm, positions turn queries and keys, and the last layers of each block are gated.
 */
record Llama(LlamaConfig config, LlamaWeights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        return pass.scope(() -> {
            Tensor x = pass.upload(
                    Shape.of(batch.tokens(), config.sizes().hidden()),
                    rows -> weights.words().gather(batch.ids(), rows.asFloatBuffer()));
            return pass.norm(weights.norm(), throughLayers(pass, x, (layer, y) -> forward(pass, layer, y)));
        });
    }

    private Tensor forward(Pass pass, int number, Tensor x) {
        LlamaWeights.Layer layer = weights.layers().get(number);
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> attend(pass, number, pass.norm(layer.attentionNorm(), x)));
            return layer.attentionOutput().plus(pass, attended, x);
        });
        Tensor wide = pass.scope(() -> {
            Tensor normed = pass.norm(layer.feedForwardNorm(), y);
            Tensor gate = layer.gate().apply(pass, normed);
            return pass.gated(config.activation(), gate, layer.up().apply(pass, normed));
        });
        return layer.down().plus(pass, wide, y);
    }

    private Tensor attend(Pass pass, int number, Tensor x) {
        LlamaWeights.Layer layer = weights.layers().get(number);
        Tensor q = turned(pass, layer.queryNorm(), layer.query().apply(pass, x));
        Tensor k = turned(pass, layer.keyNorm(), layer.key().apply(pass, x));
        Tensor v = layer.value().apply(pass, x);
        return pass.attend(config.attention(number), q, k, v);
    }

    private Tensor turned(Pass pass, @Nullable Norm norm, Tensor heads) {
        return pass.rope(norm == null ? heads : pass.norm(norm, heads), config.rotary());
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
