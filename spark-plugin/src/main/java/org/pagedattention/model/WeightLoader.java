package org.pagedattention.model;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Weight;
import org.pagedattention.tensor.Shape;

/** Brings tensors of a checkpoint to a backend, and gives them back together. */
final class WeightLoader implements AutoCloseable {
    private final ModelBackend backend;
    private final List<Weight> held = new ArrayList<>();

    WeightLoader(ModelBackend backend) {
        this.backend = backend;
    }

    /** {@code name.weight}, {@code [out, in]}, and {@code name.bias}. */
    Linear linear(Checkpoint checkpoint, String name, int out, int in) {
        return new Linear(
                hold(checkpoint.take(name + ".weight", Shape.of(out, in))),
                hold(checkpoint.take(name + ".bias", Shape.of(out))));
    }

    /** {@code name.weight} alone. */
    Linear linearWithoutBias(Checkpoint checkpoint, String name, int out, int in) {
        return new Linear(hold(checkpoint.take(name + ".weight", Shape.of(out, in))), null);
    }

    /** {@code name.weight}, and {@code name.bias} where it is said to be there. */
    Linear linear(Checkpoint checkpoint, String name, int out, int in, boolean bias) {
        return bias ? linear(checkpoint, name, out, in) : linearWithoutBias(checkpoint, name, out, in);
    }

    /** A tensor {@code [out, in]} of that very name. */
    Weight matrix(Checkpoint checkpoint, String name, int out, int in) {
        return hold(checkpoint.take(name, Shape.of(out, in)));
    }

    /** {@code name.weight} as the gain of a norm by the root of the mean square. */
    Norm rmsNorm(Checkpoint checkpoint, String name, int columns, float epsilon) {
        return new Norm(Norm.Kind.RMS, hold(checkpoint.take(name + ".weight", Shape.of(columns))), null, epsilon);
    }

    /** A layer norm; checkpoints from before 2019 call its numbers gamma and beta. */
    Norm layerNorm(Checkpoint checkpoint, String name, int columns, float epsilon) {
        boolean old = checkpoint.has(name + ".gamma");
        Weight gain = hold(checkpoint.take(name + (old ? ".gamma" : ".weight"), Shape.of(columns)));
        Weight bias = hold(checkpoint.take(name + (old ? ".beta" : ".bias"), Shape.of(columns)));
        return new Norm(Norm.Kind.LAYER, gain, bias, epsilon);
    }

    private Weight hold(StoredTensor tensor) {
        Weight weight = backend.hold(tensor.type(), tensor.shape(), tensor.read());
        held.add(weight);
        return weight;
    }

    @Override
    public void close() {
        held.forEach(Weight::close);
        held.clear();
    }
}
