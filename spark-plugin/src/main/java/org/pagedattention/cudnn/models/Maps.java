package org.pagedattention.cudnn.models;

import org.pagedattention.backend.Activation;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.tensor.ElementType;

/** What is done number by number. */
record Maps(Recipe recipe) {

    /** {@code x} as numbers of {@code type}. */
    DeviceTensor as(ElementType type, DeviceTensor x) {
        if (x.type() == type) {
            return x;
        }
        DeviceTensor y = recipe.make(x.rows(), x.columns(), type);
        MapGraph graph = MapGraph.of(recipe.launchRows(x.rows()), x, Activation.NONE, null, y);
        recipe.require(graph);
        recipe.launch(graph, x.rows(), Step.At.rows(PassTensor.X, x), Step.At.rows(PassTensor.Y, y));
        return y;
    }

    /** {@code activation(x) ∘ other}, in the type of x. */
    DeviceTensor combine(Activation activation, Pointwise mode, DeviceTensor x, DeviceTensor other) {
        boolean column = other.columns() == 1 && x.columns() > 1;
        MapGraph.Second second = new MapGraph.Second(mode, other.dataType(), other.stride(), column);
        DeviceTensor y = recipe.make(x.rows(), x.columns(), x.type());
        MapGraph graph = MapGraph.of(recipe.launchRows(x.rows()), x, activation, second, y);
        recipe.require(graph);
        recipe.launch(
                graph,
                x.rows(),
                Step.At.rows(PassTensor.X, x),
                Step.At.rows(PassTensor.SECOND, other),
                Step.At.rows(PassTensor.Y, y));
        return y;
    }

    /** The 16 bits of the first tensor that has them; what only came from the host is made fp16. */
    static ElementType halfOf(DeviceTensor... tensors) {
        for (DeviceTensor tensor : tensors) {
            if (tensor.type() != ElementType.FP32) {
                return tensor.type();
            }
        }
        return ElementType.FP16;
    }
}
