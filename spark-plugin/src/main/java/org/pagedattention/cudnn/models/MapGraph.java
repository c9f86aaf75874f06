package org.pagedattention.cudnn.models;

import java.util.ArrayDeque;
import java.util.Deque;
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
 * {@code activation(x + bias) ∘ second}, number by number; y may be x.
 *
 * @param rows of a launch
 * @param bias null for none
 * @param second null for none; then y is x after the activation, in another type perhaps
 */
record MapGraph(
        long rows,
        long columns,
        DataType x,
        long xStride,
        @Nullable DataType bias,
        Activation activation,
        @Nullable Second second,
        DataType y,
        long yStride)
        implements MeasuredGraph {
    /**
     * What x is combined with.
     *
     * @param mode takes two numbers
     * @param stride numbers from one row to the next
     * @param column whether each row has one number for all of its columns
     */
    record Second(Pointwise mode, DataType type, long stride, boolean column) {}

    static MapGraph of(long rows, DeviceTensor x, Activation activation, @Nullable Second second, DeviceTensor y) {
        return new MapGraph(
                rows, x.width(), x.dataType(), x.stride(), null, activation, second, y.dataType(), y.stride());
    }

    @Override
    public String kind() {
        return "pointwise";
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
        return 1;
    }

    @Override
    public Map<TensorId, Long> bytes() {
        long secondBytes =
                second == null ? 0 : rows * second.stride() * second.type().bytes();
        return Map.of(
                PassTensor.X, rows * xStride * x.bytes(),
                PassTensor.BIAS, columns * Float.BYTES,
                PassTensor.SECOND, secondBytes,
                PassTensor.Y, rows * yStride * y.bytes());
    }

    private void describe(GraphBuilder graph) {
        Tensor value = graph.tensor(PassTensor.X, x, DeviceTensor.matrix(rows, columns, xStride));
        Tensor result = graph.tensor(PassTensor.Y, y, DeviceTensor.matrix(rows, columns, yStride));
        Deque<BiFunction<Tensor, Tensor, Tensor>> steps = steps(graph);
        while (!steps.isEmpty()) {
            BiFunction<Tensor, Tensor, Tensor> step = steps.remove();
            Tensor to =
                    steps.isEmpty() ? result : graph.virtual(DataType.FLOAT, TensorShape.rowMajor(1, rows, columns));
            value = step.apply(value, to);
        }
    }

    private Deque<BiFunction<Tensor, Tensor, Tensor>> steps(GraphBuilder graph) {
        Deque<BiFunction<Tensor, Tensor, Tensor>> steps = new ArrayDeque<>();
        if (bias != null) {
            Tensor added = graph.tensor(PassTensor.BIAS, bias, TensorShape.rowMajor(1, 1, columns));
            steps.add((value, to) -> graph.pointwise(Pointwise.ADD, DataType.FLOAT, value, added, to));
        }
        if (activation != Activation.NONE || (bias == null && second == null)) {
            steps.add((value, to) -> graph.pointwise(Curve.of(activation), DataType.FLOAT, value, null, to));
        }
        if (second != null) {
            TensorShape shape = second.column()
                    ? TensorShape.rowMajor(1, rows, 1)
                    : DeviceTensor.matrix(rows, columns, second.stride());
            Tensor other = graph.tensor(PassTensor.SECOND, second.type(), shape);
            Pointwise mode = second.mode();
            steps.add((value, to) -> graph.pointwise(mode, DataType.FLOAT, value, other, to));
        }
        return steps;
    }
}
