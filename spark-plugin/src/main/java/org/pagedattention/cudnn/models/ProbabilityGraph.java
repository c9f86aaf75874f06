package org.pagedattention.cudnn.models;

import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphBuilder;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.cudnn.graph.Tensor;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.cudnn.graph.Workbench;

/**
 * What answers about logits come to, of each row one number: the logarithm of the target's probability, or 1 where the
 * target is the first of the largest logits, else 0.
 *
 * @param greedy which of the two
 */
record ProbabilityGraph(boolean greedy, long rows) implements GraphKey {
    private static final int RANK = 3;

    @Override
    public String kind() {
        return "softmax";
    }

    @Override
    public ExecutionPlan build(Workbench bench) {
        try (GraphBuilder graph = new GraphBuilder(bench)) {
            Tensor target = column(graph, PassTensor.X);
            Tensor most = column(graph, PassTensor.MOST);
            Tensor y = column(graph, PassTensor.Y);
            if (greedy) {
                isFirstOfLargest(graph, target, most, y);
            } else {
                Tensor log = apply(graph, Pointwise.LOG, column(graph, PassTensor.SUM), null);
                graph.pointwise(Pointwise.SUB, DataType.FLOAT, apply(graph, Pointwise.SUB, target, most), log, y);
            }
            return graph.plan();
        }
    }

    private void isFirstOfLargest(GraphBuilder graph, Tensor target, Tensor most, Tensor y) {
        Tensor zero = graph.number(PassTensor.ZERO, DataType.FLOAT, RANK);
        Tensor one = graph.number(PassTensor.ONE, DataType.FLOAT, RANK);
        Tensor huge = graph.number(PassTensor.HUGE, DataType.FLOAT, RANK);
        Tensor below = apply(graph, Pointwise.MUL, apply(graph, Pointwise.SUB, target, most), huge);
        Tensor isLargest = apply(graph, Pointwise.MAX, apply(graph, Pointwise.ADD, below, one), zero);
        Tensor above = apply(graph, Pointwise.SUB, most, column(graph, PassTensor.BEFORE));
        Tensor isFirst = apply(graph, Pointwise.MIN, apply(graph, Pointwise.MUL, above, huge), one);
        graph.pointwise(Pointwise.MUL, DataType.FLOAT, isLargest, isFirst, y);
    }

    private Tensor apply(GraphBuilder graph, Pointwise mode, Tensor x, @Nullable Tensor b) {
        return graph.pointwise(mode, DataType.FLOAT, x, b, graph.virtual(DataType.FLOAT, shape()));
    }

    private Tensor column(GraphBuilder graph, PassTensor id) {
        return graph.tensor(id, DataType.FLOAT, shape());
    }

    private TensorShape shape() {
        return TensorShape.rowMajor(1, 1, rows);
    }
}
