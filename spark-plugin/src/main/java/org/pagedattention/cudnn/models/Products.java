package org.pagedattention.cudnn.models;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Fit;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** Linear layers, and what is done to their results in the same launch. */
record Products(Recipe recipe, Maps maps) {

    /**
     * {@code activation(x · weightᵀ + bias) ∘ other}.
     *
     * @param other null for none
     */
    DeviceTensor of(
            Tensor x,
            Weight weight,
            @Nullable Weight bias,
            Activation activation,
            Pointwise mode,
            @Nullable Tensor other) {
        CudnnWeight w = (CudnnWeight) weight;
        int out = w.shape().rows();
        Fit.columns(x, w.shape().columns(), "x of a linear layer " + w.shape());
        if (other != null) {
            Fit.same(Shape.of(x.shape().rows(), out), other);
        }
        DeviceTensor in = maps.as(w.type(), (DeviceTensor) x);
        DeviceTensor second = other == null ? null : maps.as(w.type(), (DeviceTensor) other);
        CudnnWeight vector = (CudnnWeight) bias;
        ElementType vectorType = vector == null ? w.type() : vector.vectorType(w.type(), out);
        DeviceTensor y = recipe.make(in.rows(), out, w.type());
        LinearGraph graph = new LinearGraph(
                y.dataType(),
                y.dataType(),
                recipe.launchRows(in.rows()),
                in.width(),
                y.width(),
                in.stride(),
                y.stride(),
                vector == null ? null : DataType.of(vectorType),
                activation,
                second == null ? null : new MapGraph.Second(mode, second.dataType(), second.stride(), false),
                recipe.steady());
        List<Step.At> epilogue = new ArrayList<>(List.of(Step.At.rows(PassTensor.Y, y)));
        if (vector != null) {
            epilogue.add(Step.At.fixed(PassTensor.BIAS, vector.vector(vectorType)));
        }
        if (second != null) {
            epilogue.add(Step.At.rows(PassTensor.SECOND, second));
        }
        multiply(graph, in, w.matrix(), y, epilogue);
        return activation.of(0) != 0 && y.width() > out ? withZerosBehind(y) : y;
    }

    /** In one launch of a large kernel where cuDNN has one that is not slower than two, or where it has nothing else. */
    private void multiply(LinearGraph graph, DeviceTensor x, long matrix, DeviceTensor y, List<Step.At> epilogue) {
        List<Step.At> product =
                new ArrayList<>(List.of(Step.At.rows(PassTensor.X, x), Step.At.fixed(PassTensor.WEIGHT, matrix)));
        if (!isBetterInTwo(graph)) {
            recipe.require(graph);
            product.addAll(epilogue);
            recipe.launch(graph, x.rows(), product.toArray(Step.At[]::new));
            return;
        }
        product.add(Step.At.rows(PassTensor.Y, y));
        recipe.launch(graph.plain(), x.rows(), product.toArray(Step.At[]::new));
        epilogue.add(Step.At.rows(PassTensor.X, y));
        recipe.launch(graph.rest(), x.rows(), epilogue.toArray(Step.At[]::new));
    }

    private boolean isBetterInTwo(LinearGraph graph) {
        if (graph.isPlain()
                || (graph.steady() && recipe.takes(graph))
                || !recipe.takes(graph.plain())
                || !recipe.takes(graph.rest())) {
            return false;
        }
        return !graph.isLarge()
                || !recipe.takes(graph)
                || recipe.millis(graph.plain()) + recipe.millis(graph.rest()) < recipe.millis(graph);
    }

    private DeviceTensor withZerosBehind(DeviceTensor x) {
        DeviceTensor clean = recipe.make(x.rows(), x.columns(), x.type());
        recipe.add(new Step.Clear(clean.region(), 0, clean.rows()));
        recipe.add(new Step.Copy(x, clean, 0));
        return clean;
    }
}
