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
            Tensor x = pass.upload(Shape.of(batch.tokens(), hidden()), rows -> embed(batch, rows.asFloatBuffer()));
            for (int i = 0; i < layers(); i++) {
                int layer = i;
                Tensor before = x;
                x = pass.scope(() -> forward(pass, layer, before));
                pass.release(before);
            }
            return pass.norm(weights.norm(), x);
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
        float[] row = new float[hidden()];
        float[] position = new float[hidden()];
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
    public int hidden() {
        return config.hidden();
    }

    @Override
    public int longest() {
        return config.longest();
    }

    @Override
    public int vocabulary() {
        return config.vocabulary();
    }

    @Override
    public int types() {
        return 1;
    }

    @Override
    public int layers() {
        return config.layers();
    }

    @Override
    public String description() {
        return "GPT-2 of " + layers() + " layers, " + config.heads() + " heads and width " + hidden();
    }
}
