package org.pagedattention.cudnn.models;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Norm;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.Normalization;
import org.pagedattention.tensor.ElementType;

/** What is done to whole rows. */
record Norms(Recipe recipe, Constants constants) {
    /** As torch's normalize does. */
    private static final double LEAST_LENGTH = 1e-12;

    DeviceTensor apply(Norm norm, DeviceTensor tensor) {
        DeviceTensor x = endToEnd(tensor);
        CudnnWeight gain = (CudnnWeight) norm.gain();
        CudnnWeight bias = (CudnnWeight) norm.bias();
        int group = gain.shape().size(0);
        if (x.columns() % group != 0) {
            throw new IllegalArgumentException(
                    "x of a norm is " + x.shape() + ", whose columns are no multiple of " + group);
        }
        if (group % DeviceTensor.STEP != 0) {
            throw new IllegalArgumentException("cuDNN normalises rows of a multiple of " + DeviceTensor.STEP
                    + " numbers, not of " + group + ": set spark.pagedAttention.backend to cpu");
        }
        ElementType vectors = gain.vectorType(x.type(), group);
        if (bias != null && bias.vectorType(x.type(), group) != vectors) {
            vectors = ElementType.FP32;
        }
        Normalization mode = norm.kind() == Norm.Kind.RMS ? Normalization.RMS : Normalization.LAYER;
        DeviceTensor y = recipe.make(x.rows(), x.columns(), x.type() == ElementType.FP32 ? gain.type() : x.type());
        launch(mode, x, group, gain, bias, vectors, norm.epsilon(), y);
        return y;
    }

    /** Every row divided by its length; the zeros behind its last column add nothing to that. */
    DeviceTensor unit(DeviceTensor tensor) {
        DeviceTensor x = endToEnd(tensor);
        CudnnWeight gain = constants.unitGain(x.width());
        float epsilon = (float) (LEAST_LENGTH * LEAST_LENGTH / x.width());
        DeviceTensor y = recipe.make(x.rows(), x.columns(), ElementType.FP32);
        launch(Normalization.RMS, x, x.width(), gain, null, ElementType.FP32, epsilon, y);
        return y;
    }

    /** cuDNN normalises no columns of wider rows. */
    private DeviceTensor endToEnd(DeviceTensor x) {
        if (!x.isView()) {
            return x;
        }
        DeviceTensor copy = recipe.make(x.rows(), x.columns(), x.type());
        recipe.add(new Step.Copy(x, copy, 0));
        return copy;
    }

    private void launch(
            Normalization mode,
            DeviceTensor x,
            int group,
            CudnnWeight gain,
            @Nullable CudnnWeight bias,
            ElementType vectors,
            float epsilon,
            DeviceTensor y) {
        // rows lie end to end, and so do the groups within them
        int groups = x.width() / group;
        NormGraph graph = new NormGraph(
                mode,
                (long) recipe.launchRows(x.rows()) * groups,
                group,
                x.dataType(),
                group,
                DataType.of(vectors),
                bias != null,
                y.dataType(),
                group);
        recipe.require(graph);
        List<Step.At> at = new ArrayList<>(List.of(
                Step.At.rows(PassTensor.X, x),
                Step.At.rows(PassTensor.Y, y),
                Step.At.fixed(PassTensor.GAIN, gain.vector(vectors)),
                Step.At.fixed(PassTensor.EPSILON, constants.number(epsilon))));
        if (bias != null) {
            at.add(Step.At.fixed(PassTensor.BIAS, bias.vector(vectors)));
        }
        recipe.launch(graph, x.rows(), at.toArray(Step.At[]::new));
    }
}
