package org.pagedattention.cudnn.models;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.pagedattention.backend.Rotary;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/** Turns heads by position; cosines and sines of all tokens go to the device once a pass. */
final class Rotaries {
    private final Recipe recipe;
    private final PagedBatch pages;
    private final Map<Rotary, Angles> sent = new HashMap<>();

    /** What all tokens' pairs are multiplied with, {@code [tokens, headDim / 2]} each. */
    private record Angles(DeviceTensor cosine, DeviceTensor sine) {}

    private interface Part {
        float of(int position, int pair);
    }

    Rotaries(Recipe recipe, PagedBatch pages) {
        this.recipe = recipe;
        this.pages = pages;
    }

    DeviceTensor turn(DeviceTensor x, Rotary rotary) {
        int half = rotary.headDim() / 2;
        if (half % DeviceTensor.STEP != 0) {
            throw new IllegalArgumentException("cuDNN turns heads of a multiple of " + 2 * DeviceTensor.STEP
                    + " numbers, not of " + rotary.headDim() + ": set spark.pagedAttention.backend to cpu");
        }
        Angles angles = sent.computeIfAbsent(rotary, this::send);
        DeviceTensor y = recipe.make(x.rows(), x.columns(), x.type());
        RopeGraph graph = new RopeGraph(
                x.dataType(),
                recipe.launchRows(x.rows()),
                x.columns() / rotary.headDim(),
                half,
                x.stride(),
                y.stride());
        recipe.require(graph);
        recipe.launch(
                graph,
                x.rows(),
                Step.At.rows(PassTensor.X, x),
                Step.At.rows(PassTensor.X_HIGH, x.from(half)),
                Step.At.rows(PassTensor.COSINE, angles.cosine),
                Step.At.rows(PassTensor.SINE, angles.sine),
                Step.At.rows(PassTensor.Y, y),
                Step.At.rows(PassTensor.Y_HIGH, y.from(half)));
        return y;
    }

    private Angles send(Rotary rotary) {
        return new Angles(send(rotary, rotary::cosine), send(rotary, rotary::sine));
    }

    private DeviceTensor send(Rotary rotary, Part part) {
        int half = rotary.headDim() / 2;
        float[][] ofPosition = new float[pages.longestKv()][];
        MemoryBlock host = recipe.input((long) pages.queryTokens() * half * Float.BYTES);
        FloatBuffer rows = host.buffer().asFloatBuffer();
        for (int s = 0; s < pages.sequences(); s++) {
            for (int t = 0; t < pages.lengths(s).queryTokens(); t++) {
                int position = pages.firstPosition(s) + t;
                if (ofPosition[position] == null) {
                    ofPosition[position] = row(position, half, part);
                }
                rows.put(ofPosition[position]);
            }
        }
        DeviceTensor angles = recipe.makeForAll(pages.queryTokens(), half, ElementType.FP32);
        recipe.add(new Step.Upload(host.address(), angles));
        return angles;
    }

    private static float[] row(int position, int half, Part part) {
        float[] row = new float[half];
        for (int i = 0; i < half; i++) {
            row[i] = part.of(position, i);
        }
        return row;
    }
}
