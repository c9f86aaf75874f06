package org.pagedattention.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Weight;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** Brings tensors of a checkpoint to a backend, and gives them back together. */
final class WeightLoader implements AutoCloseable {
    private final ModelBackend backend;
    private final List<Weight> held = new ArrayList<>();

    WeightLoader(ModelBackend backend) {
        this.backend = backend;
    }

    /** Makes a model, which closes its loader in the end; where that fails, nothing is held. */
    static <M> M load(ModelBackend backend, Function<WeightLoader, M> load) {
        WeightLoader loader = new WeightLoader(backend);
        try {
            return load.apply(loader);
        } catch (RuntimeException | Error e) {
            loader.close();
            throw e;
        }
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

    /** Linear layers without biases that are stored as one, {@code name.weight} being {@code [count * out, in]}. */
    List<Linear> parts(Checkpoint checkpoint, String name, int count, int out, int in) {
        StoredTensor weight = checkpoint.take(name + ".weight", Shape.of(count * out, in));
        return IntStream.range(0, count)
                .mapToObj(i -> new Linear(hold(weight.type(), Shape.of(out, in), weight.rows(i * out, out)), null))
                .toList();
    }

    /** A layer norm of {@code name.weight} alone. */
    Norm layerNormWithoutBias(Checkpoint checkpoint, String name, int columns, float epsilon) {
        return new Norm(Norm.Kind.LAYER, hold(checkpoint.take(name + ".weight", Shape.of(columns))), null, epsilon);
    }

    /** A table that tokens choose rows from. */
    Weight table(StoredRows rows) {
        return table(rows, 1);
    }

    /** The same, with every number multiplied. */
    Weight table(StoredRows rows, float factor) {
        Weight table = backend.holdTable(rows, factor);
        held.add(table);
        return table;
    }

    /** A tensor {@code [out, in]} as it is. */
    Weight matrix(StoredTensor tensor) {
        return hold(tensor);
    }

    /** The layer that gives the logit of one row of a matrix, less that of another; -1 for no other. */
    Linear difference(StoredTensor matrix, int row, int less) {
        int columns = matrix.shape().columns();
        float[] one = row(matrix, row);
        float[] other = less < 0 ? new float[columns] : row(matrix, less);
        ByteBuffer bytes = ByteBuffer.allocate(columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < columns; i++) {
            bytes.putFloat(i * Float.BYTES, one[i] - other[i]);
        }
        return new Linear(hold(ElementType.FP32, Shape.of(1, columns), bytes), null);
    }

    private static float[] row(StoredTensor matrix, int row) {
        float[] numbers = new float[matrix.shape().columns()];
        matrix.type().read(matrix.rows(row, 1), 0, numbers, numbers.length);
        return numbers;
    }

    /** {@code name.weight} as the gain of a norm by the root of the mean square. */
    Norm rmsNorm(Checkpoint checkpoint, String name, int columns, float epsilon) {
        return new Norm(Norm.Kind.RMS, hold(checkpoint.take(name + ".weight", Shape.of(columns))), null, epsilon);
    }

    /** The same of Gemma, whose gains are stored less 1. */
    Norm gemmaNorm(Checkpoint checkpoint, String name, int columns, float epsilon) {
        StoredTensor tensor = checkpoint.take(name + ".weight", Shape.of(columns));
        float[] gain = new float[columns];
        tensor.type().read(tensor.read(), 0, gain, columns);
        ByteBuffer bytes = ByteBuffer.allocate(columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < columns; i++) {
            bytes.putFloat(i * Float.BYTES, 1 + gain[i]);
        }
        return new Norm(Norm.Kind.RMS, hold(ElementType.FP32, tensor.shape(), bytes), null, epsilon);
    }

    /**
     * Linear layers that are stored as one, {@code name.weight} being {@code [in, count * out]} and {@code name.bias}
     * {@code [count * out]}.
     */
    List<Linear> transposed(Checkpoint checkpoint, String name, int in, int count, int out) {
        StoredTensor weight = checkpoint.take(name + ".weight", Shape.of(in, count * out));
        StoredTensor bias = checkpoint.take(name + ".bias", Shape.of(count * out));
        ByteBuffer biases = bias.read();
        return IntStream.range(0, count)
                .mapToObj(i -> new Linear(
                        hold(weight.type(), Shape.of(out, in), columns(weight, i * out, out)),
                        hold(bias.type(), Shape.of(out), slice(biases, i * out, out, bias.type()))))
                .toList();
    }

    private static ByteBuffer slice(ByteBuffer bytes, int first, int count, ElementType type) {
        return bytes.slice(first * type.bytes(), count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Some columns of a matrix, each of them end to end. */
    private static ByteBuffer columns(StoredTensor matrix, int first, int count) {
        int rows = matrix.shape().rows();
        int columns = matrix.shape().columns();
        int width = matrix.type().bytes();
        ByteBuffer from = matrix.read();
        ByteBuffer to = ByteBuffer.allocate(rows * count * width).order(ByteOrder.LITTLE_ENDIAN);
        for (int c = 0; c < count; c++) {
            for (int r = 0; r < rows; r++) {
                int at = (r * columns + first + c) * width;
                if (width == Short.BYTES) {
                    to.putShort(from.getShort(at));
                } else {
                    to.putInt(from.getInt(at));
                }
            }
        }
        return to.flip();
    }

    /**
     * Several linear layers of one input as one, whose result has those of all of them side by side: {@code [out, in]}
     * each, of equal size.
     */
    Linear beside(Checkpoint checkpoint, List<String> names, int out, int in) {
        return new Linear(
                hold(names.stream()
                        .map(name -> checkpoint.take(name + ".weight", Shape.of(out, in)))
                        .toList()),
                hold(names.stream()
                        .map(name -> checkpoint.take(name + ".bias", Shape.of(out)))
                        .toList()));
    }

    /** A layer norm; checkpoints from before 2019 call its numbers gamma and beta. */
    Norm layerNorm(Checkpoint checkpoint, String name, int columns, float epsilon) {
        boolean old = checkpoint.has(name + ".gamma");
        Weight gain = hold(checkpoint.take(name + (old ? ".gamma" : ".weight"), Shape.of(columns)));
        Weight bias = hold(checkpoint.take(name + (old ? ".beta" : ".bias"), Shape.of(columns)));
        return new Norm(Norm.Kind.LAYER, gain, bias, epsilon);
    }

    /** Tensors one behind the other, in a type that holds all of them. */
    private Weight hold(List<StoredTensor> tensors) {
        StoredTensor first = tensors.get(0);
        boolean alike = tensors.stream().allMatch(tensor -> tensor.type() == first.type());
        ElementType type = alike ? first.type() : ElementType.FP32;
        List<Integer> sizes = new ArrayList<>(first.shape().sizes());
        sizes.set(0, sizes.get(0) * tensors.size());
        Shape shape = new Shape(sizes);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(shape.elements() * type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (StoredTensor tensor : tensors) {
            append(tensor, type, bytes);
        }
        Weight weight = backend.hold(type, shape, bytes.flip());
        held.add(weight);
        return weight;
    }

    private static void append(StoredTensor tensor, ElementType type, ByteBuffer target) {
        ByteBuffer stored = tensor.read();
        if (tensor.type() == type) {
            target.put(stored);
            return;
        }
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        tensor.type().read(stored, stored.position(), values, values.length);
        type.write(values, values.length, target, target.position());
        target.position(target.position() + values.length * type.bytes());
    }

    private Weight hold(StoredTensor tensor) {
        return hold(tensor.type(), tensor.shape(), tensor.read());
    }

    private Weight hold(ElementType type, Shape shape, ByteBuffer bytes) {
        Weight weight = backend.hold(type, shape, bytes);
        held.add(weight);
        return weight;
    }

    @Override
    public void close() {
        held.forEach(Weight::close);
        held.clear();
    }
}
