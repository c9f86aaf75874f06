package org.pagedattention.jobs.getmodel;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A BERT encoder as PyTorch exports it to ONNX. The exporter loses the names of the linear layers' matrices and stores
 * them transposed: the names come back from the order of the graph, and each is held against the path that its node has.
 */
final class BertExport {
    private static final List<String> LINEARS = List.of(
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "intermediate.dense",
            "output.dense");

    private static final int TENSORS_OF_LAYER = 16;
    /** Three tables, and gain and bias of the norm behind them. */
    private static final int OTHER_TENSORS = 5;

    /**
     * A tensor to be written.
     *
     * @param floats gives its numbers, row after row
     */
    record Weight(long[] shape, Supplier<float[]> floats) {
        long bytes() {
            return LongStream.of(shape).reduce(Float.BYTES, (a, b) -> a * b);
        }
    }

    private BertExport() {}

    /**
     * Weights by the names that transformers gives them.
     *
     * @throws IllegalArgumentException when it is another graph, saying what was found
     */
    static Map<String, Weight> weights(OnnxGraph graph) {
        Map<String, Weight> weights = new TreeMap<>();
        for (OnnxGraph.Tensor tensor : graph.weights().values()) {
            // without a name of PyTorch's: matrices of linear layers, which come below, and numbers of the exporter's
            // own
            if (tensor.isFloat() && !tensor.name().startsWith("onnx::")) {
                weights.put(tensor.name(), new Weight(tensor.shape(), tensor::floats));
            }
        }
        int layers = addLinears(graph, weights);
        int expected = OTHER_TENSORS + layers * TENSORS_OF_LAYER;
        if (weights.size() != expected) {
            throw new IllegalArgumentException(
                    "the ONNX graph has " + weights.size() + " weights, and a BERT encoder of " + layers
                            + " layers has " + expected + ": " + weights.keySet());
        }
        return weights;
    }

    private static int addLinears(OnnxGraph graph, Map<String, Weight> weights) {
        int found = 0;
        for (OnnxGraph.Node node : graph.nodes()) {
            OnnxGraph.Tensor matrix = node.inputs().size() == 2
                    ? graph.weights().get(node.inputs().get(1))
                    : null;
            if (node.operation().equals("MatMul") && matrix != null) {
                String name = "encoder.layer." + found / LINEARS.size() + "." + LINEARS.get(found % LINEARS.size());
                requirePath(node, name);
                weights.put(name + ".weight", transposed(matrix));
                found++;
            }
        }
        if (found == 0 || found % LINEARS.size() != 0) {
            Map<String, Long> operations = graph.nodes().stream()
                    .collect(Collectors.groupingBy(OnnxGraph.Node::operation, TreeMap::new, Collectors.counting()));
            throw new IllegalArgumentException("the ONNX graph has " + found
                    + " matrix products with weights, and a BERT encoder has six a layer; its operations: "
                    + operations);
        }
        return found / LINEARS.size();
    }

    private static void requirePath(OnnxGraph.Node node, String linear) {
        if (!node.name().replace('/', '.').equals("." + linear + ".MatMul")) {
            throw new IllegalArgumentException(
                    "the ONNX graph computes '" + node.name() + "' where a BERT encoder has " + linear);
        }
    }

    private static Weight transposed(OnnxGraph.Tensor matrix) {
        if (matrix.shape().length != 2) {
            throw new IllegalArgumentException("tensor " + matrix.name() + " of the ONNX graph has "
                    + matrix.shape().length + " axes, and a matrix has 2");
        }
        int rows = (int) matrix.shape()[0];
        int columns = (int) matrix.shape()[1];
        return new Weight(new long[] {columns, rows}, () -> transpose(matrix.floats(), rows, columns));
    }

    private static float[] transpose(float[] matrix, int rows, int columns) {
        float[] transposed = new float[matrix.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                transposed[c * rows + r] = matrix[r * columns + c];
            }
        }
        return transposed;
    }
}
