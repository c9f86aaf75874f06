package org.pagedattention.model;

import java.nio.FloatBuffer;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.Shape;

/** GPT-2: each token sees those before it, norms come before what they norm, and positions are learned. */
record Gpt2(Gpt2Config config, Gpt2Weights weights) implements Body {

    @Override
    public Tensor forward(Pass pass, TokenBatch batch) {
        return pass.scope(() -> {
            Tensor x =
                    pass.upload(Shape.of(batch.tokens(), config.hidden()), rows -> embed(batch, rows.asFloatBuffer()));
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

    /** Word and position of every token. */
    private void embed(TokenBatch batch, FloatBuffer rows) {
        float[] row = new float[config.hidden()];
        float[] position = new float[config.hidden()];
        PagedBatch pages = batch.pages();
        for (int s = 0; s < pages.sequences(); s++) {
            int shift = pages.firstPosition(s) - pages.queryStart(s);
            for (int t = pages.queryStart(s); t < pages.queryStart(s + 1); t++) {
                weights.words().read(batch.ids()[t], row);
                weights.positions().read(t + shift, position);
                for (int i = 0; i < row.length; i++) {
                    row[i] += position[i];
                }
                rows.put(row);
            }
        }
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
