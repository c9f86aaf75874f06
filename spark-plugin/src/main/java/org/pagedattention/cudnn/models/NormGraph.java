package org.pagedattention.cudnn.models;

import java.util.List;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphBuilder;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.Normalization;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.cudnn.graph.Workbench;

/**
 * Every row normalised.
 *
 * @param rows of a launch
 * @param columns a multiple of 8
 * @param gain type of the gain and of the bias
 */
record NormGraph(
        Normalization mode,
        long rows,
        long columns,
        DataType x,
        long xStride,
        DataType gain,
        boolean bias,
        DataType y,
        long yStride)
        implements GraphKey {
    private static final int RANK = 4;

    @Override
    public String kind() {
        return "norm";
    }

    @Override
    public ExecutionPlan build(Workbench bench) {
        try (GraphBuilder graph = new GraphBuilder(bench)) {
            graph.norm(
                    mode,
                    graph.tensor(PassTensor.X, x, rows(rows, xStride)),
                    graph.tensor(PassTensor.GAIN, gain, rows(1, columns)),
                    bias ? graph.tensor(PassTensor.BIAS, gain, rows(1, columns)) : null,
                    graph.number(PassTensor.EPSILON, DataType.FLOAT, RANK),
                    graph.tensor(PassTensor.Y, y, rows(rows, yStride)));
            return graph.plan();
        }
    }

    private TensorShape rows(long count, long stride) {
        return new TensorShape(List.of(count, columns, 1L, 1L), List.of(stride, 1L, stride, stride));
    }
}
