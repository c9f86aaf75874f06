package org.pagedattention.model;

import java.nio.FloatBuffer;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.tensor.Shape;

/**
 * Gemma 3 for texts: as Llama, with norms of each head, further norms behind each half of a layer, words that are as long
 * as the root of their width, and most layers seeing a window only, with positions of their own.
 */
record Gemma(GemmaConfig config, GemmaWeights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        return pass.scope(() -> {
            Tensor x = pass.upload(
                    Shape.of(batch.tokens(), config.sizes().hidden()), rows -> embed(batch, rows.asFloatBuffer()));
            return pass.norm(weights.norm(), throughLayers(pass, x, (layer, y) -> forward(pass, layer, y)));
        });
    }

    private Tensor forward(Pass pass, int number, Tensor x) {
        GemmaWeights.Layer layer = weights.layers().get(number);
        Tensor y = pass.scope(() -> {
            Tensor attended = pass.scope(() -> attend(pass, number, pass.norm(layer.attentionNorm(), x)));
            return pass.add(
                    pass.norm(layer.attendedNorm(), layer.attentionOutput().apply(pass, attended)), x);
        });
        Tensor wide = pass.scope(() -> {
            Tensor normed = pass.norm(layer.feedForwardNorm(), y);
            Tensor gate = layer.gate().apply(pass, normed);
            return pass.gated(config.sizes().activation(), gate, layer.up().apply(pass, normed));
        });
        return pass.add(pass.norm(layer.fedNorm(), layer.down().apply(pass, wide)), y);
    }

    private Tensor attend(Pass pass, int number, Tensor x) {
        GemmaWeights.Layer layer = weights.layers().get(number);
        Tensor q = turned(pass, number, layer.queryNorm(), layer.query().apply(pass, x));
        Tensor k = turned(pass, number, layer.keyNorm(), layer.key().apply(pass, x));
        Tensor v = layer.value().apply(pass, x);
        return pass.attend(config.attention(number), q, k, v);
    }

    private Tensor turned(Pass pass, int number, Norm norm, Tensor heads) {
        return pass.rope(pass.norm(norm, heads), config.rotary(number));
    }

    private void embed(TokenBatch batch, FloatBuffer rows) {
        float scale = (float) Math.sqrt(config.sizes().hidden());
        float[] row = new float[config.sizes().hidden()];
        for (int id : batch.ids()) {
            weights.words().read(id, row);
            for (int i = 0; i < row.length; i++) {
                row[i] *= scale;
            }
            rows.put(row);
        }
    }

    @Override
    public Sizes sizes() {
        return config.sizes().ofBody();
    }

    @Override
    public String description() {
        return "Gemma 3 of " + config.sizes().layers() + " layers, "
                + config.sizes().heads() + " heads (" + config.kvHeads() + " of keys and values) and width "
                + config.sizes().hidden();
    }
}
