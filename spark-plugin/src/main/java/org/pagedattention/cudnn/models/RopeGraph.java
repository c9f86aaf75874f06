package org.pagedattention.cudnn.models;

import java.util.List;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphBuilder;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.cudnn.graph.Tensor;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.cudnn.graph.Workbench;

/**
 * Every head of every row turned by the row's angles: number i of its first half with number i of its second.
 *
 * @param io of x and y
 * @param rows of a launch
 * @param half numbers of half a head
 */
record RopeGraph(DataType io, long rows, long heads, long half, long xStride, long yStride) implements GraphKey {

    @Override
    public String kind() {
        return "rope";
    }

    @Override
    public ExecutionPlan build(Workbench bench) {
        try (GraphBuilder graph = new GraphBuilder(bench)) {
            Tensor low = graph.tensor(PassTensor.X, io, halves(xStride));
            Tensor high = graph.tensor(PassTensor.X_HIGH, io, halves(xStride));
            TensorShape angles = TensorShape.rowMajor(rows, 1, half);
            Tensor cosine = graph.tensor(PassTensor.COSINE, DataType.FLOAT, angles);
            Tensor sine = graph.tensor(PassTensor.SINE, DataType.FLOAT, angles);
            Tensor yLow = graph.tensor(PassTensor.Y, io, halves(yStride));
            Tensor yHigh = graph.tensor(PassTensor.Y_HIGH, io, halves(yStride));
            combine(graph, Pointwise.SUB, times(graph, low, cosine), times(graph, high, sine), yLow);
            combine(graph, Pointwise.ADD, times(graph, high, cosine), times(graph, low, sine), yHigh);
            return graph.plan();
        }
    }

    private Tensor times(GraphBuilder graph, Tensor x, Tensor factor) {
        Tensor product = graph.virtual(DataType.FLOAT, TensorShape.rowMajor(rows, heads, half));
        return graph.pointwise(Pointwise.MUL, DataType.FLOAT, x, factor, product);
    }

    private static void combine(GraphBuilder graph, Pointwise mode, Tensor a, Tensor b, Tensor y) {
        graph.pointwise(mode, DataType.FLOAT, a, b, y);
    }

    private TensorShape halves(long stride) {
        return new TensorShape(List.of(rows, heads, half), List.of(stride, 2 * half, 1L));
    }
}
