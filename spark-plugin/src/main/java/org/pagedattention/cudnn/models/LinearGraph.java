package org.pagedattention.cudnn.models;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphBuilder;
import org.pagedattention.cudnn.graph.MeasuredGraph;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.cudnn.graph.Tensor;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.cudnn.graph.Workbench;

/**
 * {@code activation(x · weightᵀ + bias) ∘ second} as one graph, summed up in fp32.
 *
 * @param io of x and weight
 * @param y type of the result
 * @param rows of a launch
 * @param in columns of x and of the weight
 * @param out columns of y, rows of the weight
 * @param xStride numbers from one row of x to the next
 * @param bias null for none
 * @param second what is added in the end, or multiplied with; null for none
 * @param steady whether every process takes the same plan, whatever it would measure
 */
record LinearGraph(
        DataType io,
        DataType y,
        long rows,
        long in,
        long out,
        long xStride,
        long yStride,
        @Nullable DataType bias,
        Activation activation,
        MapGraph.@Nullable Second second,
        boolean steady)
        implements MeasuredGraph {
    /** Fewer are not worth the second that a kernel for all of it takes to build: the product alone takes milliseconds. */
    private static final int ROWS_WORTH_IT = 8192;

    /** cuDNN's second or third guess was up to 28% faster than its first on an H100. */
    private static final int GUESSES = 4;

    @Override
    public String kind() {
        return "linear " + in + " to " + out + (activation == Activation.NONE ? "" : ", " + activation);
    }

    @Override
    public ExecutionPlan build(Workbench bench) {
        try (GraphBuilder graph = new GraphBuilder(bench)) {
            describe(graph);
            return graph.plan();
        }
    }

    @Override
    public int plansToMeasure() {
        return !steady && (isLarge() || isPlain()) ? GUESSES : 1;
    }

    /** Whether the way it is computed is worth measuring. */
    boolean isLarge() {
        return rows >= ROWS_WORTH_IT;
    }

    @Override
    public Map<TensorId, Long> bytes() {
        return Map.of(
                PassTensor.X, rows * xStride * io.bytes(),
                PassTensor.WEIGHT, in * out * io.bytes(),
                PassTensor.BIAS, out * Float.BYTES,
                PassTensor.SECOND,
                        second == null
                                ? 0
                                : rows * second.stride() * second.type().bytes(),
                PassTensor.Y, rows * yStride * y.bytes());
    }

    private void describe(GraphBuilder graph) {
        Tensor x = graph.tensor(PassTensor.X, io, DeviceTensor.matrix(rows, in, xStride));
        // a row of the weight is a column of what x is multiplied with
        TensorShape turned = new TensorShape(List.of(1L, in, out), List.of(in * out, 1L, in));
        Tensor weight = graph.tensor(PassTensor.WEIGHT, io, turned);
        Tensor result = graph.tensor(PassTensor.Y, y, DeviceTensor.matrix(rows, out, yStride));
        Deque<BiFunction<Tensor, Tensor, Tensor>> epilogue = epilogue(graph);
        Tensor sum = graph.matmul(x, weight, epilogue.isEmpty() ? result : inner(graph));
        while (!epilogue.isEmpty()) {
            BiFunction<Tensor, Tensor, Tensor> step = epilogue.remove();
            sum = step.apply(sum, epilogue.isEmpty() ? result : inner(graph));
        }
    }

    private Deque<BiFunction<Tensor, Tensor, Tensor>> epilogue(GraphBuilder graph) {
        Deque<BiFunction<Tensor, Tensor, Tensor>> steps = new ArrayDeque<>();
        if (bias != null) {
            Tensor added = graph.tensor(PassTensor.BIAS, bias, TensorShape.rowMajor(1, 1, out));
            steps.add((sum, to) -> graph.pointwise(Pointwise.ADD, DataType.FLOAT, sum, added, to));
        }
        if (activation != Activation.NONE) {
            steps.add((sum, to) -> graph.pointwise(Curve.of(activation), DataType.FLOAT, sum, null, to));
        }
        if (second != null) {
            Tensor other =
                    graph.tensor(PassTensor.SECOND, second.type(), DeviceTensor.matrix(rows, out, second.stride()));
            Pointwise mode = second.mode();
            steps.add((sum, to) -> graph.pointwise(mode, DataType.FLOAT, sum, other, to));
        }
        return steps;
    }

    private Tensor inner(GraphBuilder graph) {
        return graph.virtual(DataType.FLOAT, TensorShape.rowMajor(1, rows, out));
    }

    /** The product alone. */
    LinearGraph plain() {
        return new LinearGraph(io, y, rows, in, out, xStride, yStride, null, Activation.NONE, null, steady);
    }

    boolean isPlain() {
        return equals(plain());
    }

    /** What {@link #plain} leaves to do, in place. */
    MapGraph rest() {
        return new MapGraph(rows, out, y, yStride, bias, activation, second, y, yStride);
    }
}
