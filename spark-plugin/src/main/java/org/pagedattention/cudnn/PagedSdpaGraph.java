package org.pagedattention.cudnn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.graph.Attribute;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphBuilder;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.cudnn.graph.Reduction;
import org.pagedattention.cudnn.graph.Tensor;
import org.pagedattention.cudnn.graph.TensorShape;
import org.pagedattention.cudnn.graph.Workbench;
import org.pagedattention.cudnn.library.CudnnException;

/**
 * Scaled dot-product attention, softmax(scale · Q·Kᵀ + mask) · V, as a cuDNN graph. K and V come through page tables, or
 * dense for comparison.
 *
 * <p>cuDNN recognises the pattern as a whole and fuses it into one kernel, so operations, their order and the types of
 * what flows between them must stay as they are.
 */
final class PagedSdpaGraph {
    private static final int RANK = 4;
    private static final int QUERY_AXIS = 2;
    private static final int KEY_AXIS = 3;

    private final GraphBuilder graph;
    private final SdpaShape shape;
    private final DataType io;
    private final TensorShape matrix;
    private final TensorShape column;
    private final @Nullable Tensor queryLengths;
    private final @Nullable Tensor kvLengths;

    private PagedSdpaGraph(GraphBuilder graph, SdpaShape shape) {
        this.graph = graph;
        this.shape = shape;
        if (!SdpaSupport.attends(shape.type())) {
            throw new IllegalArgumentException(
                    "cuDNN has no fp32 attention: set option computeType to fp16 or bf16, or spark.pagedAttention.backend to cpu");
        }
        io = DataType.of(shape.type());
        matrix = TensorShape.rowMajor(shape.slots(), shape.queryHeads(), shape.maxQuery(), shape.maxKv());
        column = TensorShape.rowMajor(shape.slots(), shape.queryHeads(), shape.maxQuery(), 1);
        boolean padded = shape.pages() != null;
        queryLengths = padded ? lengths(SdpaTensor.QUERY_LENGTHS) : null;
        kvLengths = padded ? lengths(SdpaTensor.KV_LENGTHS) : null;
    }

    /**
     * Builds and compiles the graph of {@code shape}.
     *
     * @throws CudnnException when cuDNN has no kernel for it
     */
    static ExecutionPlan plan(SdpaShape shape, Workbench bench) {
        try (GraphBuilder graph = new GraphBuilder(bench)) {
            new PagedSdpaGraph(graph, shape).build();
            return graph.plan();
        }
    }

    private void build() {
        Tensor queries =
                perQuery(SdpaTensor.QUERIES, SdpaTensor.QUERY_OFFSETS, io, shape.headDim(), shape.queryStride());
        Tensor scores = graph.matmul(
                queries,
                keysTransposed(),
                graph.virtual(DataType.FLOAT, matrix),
                queryLengths,
                Attribute.OPERATION_MATMUL_GEMM_N_OVERRIDE_DESC,
                kvLengths);
        scores = compute(Pointwise.MUL, scores, number(SdpaTensor.SCALE, DataType.FLOAT));
        scores = hidePadding(scores);
        scores = hideFuture(scores);
        scores = hidePast(scores);
        scores = keepRanges(scores);
        Tensor weights = softmax(scores);
        graph.matmul(
                weights,
                values(),
                perQuery(
                        SdpaTensor.OUTPUT,
                        SdpaTensor.OUTPUT_OFFSETS,
                        io,
                        shape.valueDim(),
                        (long) shape.queryHeads() * shape.valueDim()),
                queryLengths,
                Attribute.OPERATION_MATMUL_GEMM_K_OVERRIDE_DESC,
                kvLengths);
    }

    private Tensor softmax(Tensor scores) {
        Tensor max = graph.reduce(Reduction.MAX, scores, column);
        Tensor exp = compute(Pointwise.EXP, compute(Pointwise.SUB, scores, max), null);
        Tensor sum = graph.reduce(Reduction.ADD, exp, column);
        logSumExp(max, sum);
        return graph.pointwise(Pointwise.DIV, DataType.FLOAT, exp, sum, graph.virtual(io, matrix));
    }

    /** Part of the pattern even when nobody asks for the result. */
    private void logSumExp(Tensor max, Tensor sum) {
        Tensor log = compute(Pointwise.LOG, sum, null);
        Tensor lse = shape.stats()
                ? perQuery(SdpaTensor.LSE, SdpaTensor.LSE_OFFSETS, DataType.FLOAT, 1, shape.queryHeads())
                : graph.virtual(DataType.FLOAT, column);
        graph.pointwise(Pointwise.ADD, DataType.FLOAT, max, log, lse);
    }

    /** Keeps scores of real queries and real keys. Where it is not needed, the kernel takes up to a sixth less time. */
    private Tensor hidePadding(Tensor scores) {
        if (!shape.paddingMask() || queryLengths == null || kvLengths == null) {
            return scores;
        }
        Tensor row = graph.index(QUERY_AXIS, DataType.INT32, scores);
        Tensor col = graph.index(KEY_AXIS, DataType.INT32, scores);
        Tensor realQuery = compare(Pointwise.CMP_LT, row, queryLengths);
        Tensor realKey = compare(Pointwise.CMP_LT, col, kvLengths);
        Tensor real = compare(Pointwise.LOGICAL_AND, realQuery, realKey);
        return graph.select(real, scores, number(SdpaTensor.PADDING_SCORE, DataType.FLOAT));
    }

    /** Causal: keeps keys up to the query's own, counted from the first tokens or from the last. */
    private Tensor hideFuture(Tensor scores) {
        if (shape.band() == Mask.Band.NONE) {
            return scores;
        }
        Tensor row = graph.index(QUERY_AXIS, DataType.FLOAT, scores);
        Tensor col = graph.index(KEY_AXIS, DataType.FLOAT, scores);
        if (alignsLastTokens() && queryLengths != null && kvLengths != null) {
            row = integer(Pointwise.SUB, integer(Pointwise.ADD, row, kvLengths), queryLengths);
        }
        Tensor visible = compare(Pointwise.CMP_GE, row, col);
        return graph.select(visible, scores, number(SdpaTensor.FUTURE_SCORE, DataType.FLOAT));
    }

    /** Sliding window: keeps keys less than the window's width before the query's own. */
    private Tensor hidePast(Tensor scores) {
        if (!shape.windowed()) {
            return scores;
        }
        Tensor row = graph.index(QUERY_AXIS, DataType.FLOAT, scores);
        Tensor col = graph.index(KEY_AXIS, DataType.FLOAT, scores);
        if (alignsLastTokens() && queryLengths != null && kvLengths != null) {
            Tensor shifted = integer(Pointwise.ADD, col, number(SdpaTensor.WINDOW, DataType.INT32));
            col = integer(Pointwise.ADD, integer(Pointwise.SUB, shifted, kvLengths), queryLengths);
        } else {
            col = compute(Pointwise.ADD, col, number(SdpaTensor.WINDOW, DataType.FLOAT));
        }
        Tensor visible = compare(Pointwise.CMP_GT, col, row);
        return graph.select(visible, scores, number(SdpaTensor.PAST_SCORE, DataType.FLOAT));
    }

    /** Keeps each query's own range of keys; in two steps, because cuDNN has no kernel for both conditions joined. */
    private Tensor keepRanges(Tensor scores) {
        if (!shape.ranges()) {
            return scores;
        }
        Tensor kept = keep(Pointwise.CMP_GE, SdpaTensor.FIRST_KEYS, SdpaTensor.PAST_SCORE, scores);
        return keep(Pointwise.CMP_LT, SdpaTensor.END_KEYS, SdpaTensor.FUTURE_SCORE, kept);
    }

    private Tensor keep(Pointwise comparison, SdpaTensor bounds, SdpaTensor otherwise, Tensor scores) {
        Tensor bound =
                graph.tensor(bounds, DataType.INT32, TensorShape.rowMajor(shape.slots(), 1, shape.maxQuery(), 1));
        Tensor visible = compare(comparison, graph.index(KEY_AXIS, DataType.INT32, scores), bound);
        return graph.select(visible, scores, number(otherwise, DataType.FLOAT));
    }

    private boolean alignsLastTokens() {
        return shape.band() == Mask.Band.CAUSAL_BOTTOM_RIGHT;
    }

    private Tensor keysTransposed() {
        TensorShape dense = TensorShape.tokenMajor(shape.slots(), shape.kvHeads(), shape.maxKv(), shape.headDim());
        if (shape.pages() == null || kvLengths == null) {
            return graph.tensor(SdpaTensor.KEYS, io, dense.transposed());
        }
        TensorShape result = TensorShape.rowMajor(shape.slots(), shape.kvHeads(), shape.maxKv(), shape.headDim())
                .transposed();
        TensorShape container = container(shape.pages(), shape.kvHeads(), shape.headDim(), shape.keyStride());
        return load(SdpaTensor.KEYS, SdpaTensor.KEY_TABLE, container, kvLengths, result);
    }

    private Tensor values() {
        if (shape.pages() == null || kvLengths == null) {
            return graph.tensor(
                    SdpaTensor.VALUES,
                    io,
                    TensorShape.tokenMajor(shape.slots(), shape.kvHeads(), shape.maxKv(), shape.valueDim()));
        }
        TensorShape result = TensorShape.rowMajor(shape.slots(), shape.kvHeads(), shape.maxKv(), shape.valueDim());
        TensorShape container = container(shape.pages(), shape.kvHeads(), shape.valueDim(), shape.valueStride());
        return load(SdpaTensor.VALUES, SdpaTensor.VALUE_TABLE, container, kvLengths, result);
    }

    private Tensor load(SdpaTensor id, SdpaTensor tableId, TensorShape container, Tensor lengths, TensorShape result) {
        TensorShape tableShape = TensorShape.rowMajor(shape.slots(), 1, shape.tableWidth(), 1);
        Tensor table = graph.tensor(tableId, DataType.INT32, tableShape);
        return graph.pagedLoad(graph.tensor(id, io, container), table, lengths, graph.virtual(io, result));
    }

    /**
     * {@code [pages, heads, pageSize, dim]} over token-major memory; overlapping pages differ in the first stride.
     *
     * @param rowStride elements from one token to the next
     */
    static TensorShape container(PageShape pages, long heads, long dim, long rowStride) {
        return new TensorShape(
                List.of(pages.pages(), heads, (long) pages.pageSize(), dim),
                List.of(pages.strideTokens() * rowStride, dim, rowStride, 1L));
    }

    /** A tensor with a row for every query token and head. */
    private Tensor perQuery(SdpaTensor id, SdpaTensor offsetsId, DataType type, long dim, long rowStride) {
        TensorShape rows = new TensorShape(
                List.of((long) shape.slots(), (long) shape.queryHeads(), (long) shape.maxQuery(), dim),
                List.of(shape.maxQuery() * rowStride, dim, rowStride, 1L));
        if (!shape.ragged()) {
            return graph.tensor(id, type, rows);
        }
        DataType offsetType = shape.wideOffsets() ? DataType.INT64 : DataType.INT32;
        Tensor offsets = graph.tensor(offsetsId, offsetType, vector(shape.slots() + 1L));
        return graph.raggedTensor(id, type, rows, offsets);
    }

    private Tensor lengths(SdpaTensor id) {
        return graph.tensor(id, DataType.INT32, vector(shape.slots()));
    }

    private static TensorShape vector(long numbers) {
        return TensorShape.rowMajor(numbers, 1, 1, 1);
    }

    private Tensor number(SdpaTensor id, DataType type) {
        return graph.number(id, type, RANK);
    }

    private Tensor compute(Pointwise mode, Tensor x, @Nullable Tensor b) {
        return graph.pointwise(mode, DataType.FLOAT, x, b, graph.virtual(DataType.FLOAT, x.shape()));
    }

    private Tensor integer(Pointwise mode, Tensor x, Tensor b) {
        return graph.pointwise(mode, DataType.INT32, x, b, graph.virtual(DataType.INT32, x.shape()));
    }

    private Tensor compare(Pointwise mode, Tensor x, Tensor b) {
        return graph.pointwise(mode, DataType.BOOLEAN, x, b, graph.virtual(DataType.BOOLEAN, x.shape()));
    }
}
