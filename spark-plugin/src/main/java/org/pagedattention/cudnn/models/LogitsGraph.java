package org.pagedattention.cudnn.models;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphBuilder;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.cudnn.graph.Reduction;
import org.pagedattention.cudnn.graph.Tensor;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.cudnn.graph.Workbench;

/**
 * One number of each row of logits, all in fp32. Which columns count is computed from their numbers, as a penalty: kernels
 * that reduce rows take no comparisons.
 *
 * @param columns logits of a row, which lie end to end
 */
record LogitsGraph(Question question, long rows, long columns) implements GraphKey {
    private static final int RANK = 4;

    /** What is asked of a row. */
    enum Question {
        MAX,
        /** The sum of e to the power of each logit less the row's number. */
        SUM_EXP,
        /** The logit whose column is the row's number. */
        AT,
        /** The largest logit in the columns before the row's number; hugely negative where there are none. */
        MAX_BEFORE
    }

    @Override
    public String kind() {
        return "logits";
    }

    @Override
    public ExecutionPlan build(Workbench bench) {
        try (GraphBuilder graph = new GraphBuilder(bench)) {
            Tensor logits = graph.tensor(PassTensor.X, DataType.FLOAT, shape(rows, columns));
            Tensor answer = graph.tensor(PassTensor.Y, DataType.FLOAT, shape(rows, 1));
            Reduction operator = question == Question.SUM_EXP ? Reduction.ADD : Reduction.MAX;
            graph.reduce(operator, prepared(graph, logits), answer);
            return graph.plan();
        }
    }

    private Tensor prepared(GraphBuilder graph, Tensor logits) {
        if (question == Question.MAX) {
            return logits;
        }
        Tensor number = graph.tensor(PassTensor.COLUMN, DataType.FLOAT, shape(rows, 1));
        if (question == Question.SUM_EXP) {
            return apply(graph, Pointwise.EXP, apply(graph, Pointwise.SUB, logits, number), null);
        }
        Tensor zero = graph.number(PassTensor.ZERO, DataType.FLOAT, RANK);
        Tensor huge = graph.number(PassTensor.HUGE, DataType.FLOAT, RANK);
        Tensor index = graph.tensor(PassTensor.INDEX, DataType.FLOAT, shape(1, columns));
        // a first operand must have all rows and columns
        Tensor here = apply(graph, Pointwise.ADD, apply(graph, Pointwise.MUL, logits, zero), index);
        Tensor distance = apply(graph, Pointwise.SUB, here, number);
        Tensor penalty = question == Question.AT
                ? apply(graph, Pointwise.MUL, distance, distance)
                : behind(graph, distance, zero);
        return apply(graph, Pointwise.SUB, logits, apply(graph, Pointwise.MUL, penalty, huge));
    }

    /** 0 for columns before the row's number, 1 or more for the others. */
    private Tensor behind(GraphBuilder graph, Tensor distance, Tensor zero) {
        Tensor one = graph.number(PassTensor.ONE, DataType.FLOAT, RANK);
        return apply(graph, Pointwise.MAX, apply(graph, Pointwise.ADD, distance, one), zero);
    }

    private Tensor apply(GraphBuilder graph, Pointwise mode, Tensor x, @Nullable Tensor b) {
        return graph.pointwise(mode, DataType.FLOAT, x, b, graph.virtual(DataType.FLOAT, shape(rows, columns)));
    }

    private static TensorShape shape(long rows, long columns) {
        return new TensorShape(List.of(rows, columns, 1L, 1L), List.of(columns, 1L, columns, columns));
    }
}
