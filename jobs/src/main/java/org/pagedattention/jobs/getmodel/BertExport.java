package org.pagedattention.jobs.getmodel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

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

    private final OnnxGraph graph;
    private final Map<String, StoredTensor> tensors = new TreeMap<>();
    private final int layers;

    /** @throws IllegalArgumentException when it is another graph, saying what was found */
    BertExport(OnnxGraph graph) {
        this.graph = graph;
        for (OnnxTensor weight : graph.weights().values()) {
            // without a name of PyTorch's: matrices of linear layers, which come below, and numbers of the exporter's
            // own
            if (weight.isFloat() && !weight.name().startsWith("onnx::")) {
                tensors.put(weight.name(), new StoredTensor(weight.shape(), weight::floats));
            }
        }
        layers = addLinears();
        int expected = OTHER_TENSORS + layers * TENSORS_OF_LAYER;
        if (tensors.size() != expected) {
            throw new IllegalArgumentException(
                    "the ONNX graph has " + tensors.size() + " weights, and a BERT encoder of " + layers
                            + " layers has " + expected + ": " + tensors.keySet());
        }
    }

    private int addLinears() {
        int found = 0;
        for (OnnxNode node : graph.nodes()) {
            OnnxTensor weight = node.inputs().size() == 2
                    ? graph.weights().get(node.inputs().get(1))
                    : null;
            if (node.operation().equals("MatMul") && weight != null) {
                String name = "encoder.layer." + found / LINEARS.size() + "." + LINEARS.get(found % LINEARS.size());
                requirePath(node, name);
                tensors.put(name + ".weight", StoredTensor.transposed(weight));
                found++;
            }
        }
        if (found == 0 || found % LINEARS.size() != 0) {
            Map<String, Long> operations = graph.nodes().stream()
                    .collect(Collectors.groupingBy(OnnxNode::operation, TreeMap::new, Collectors.counting()));
            throw new IllegalArgumentException("the ONNX graph has " + found
                    + " matrix products with weights, and a BERT encoder has six a layer; its operations: "
                    + operations);
        }
        return found / LINEARS.size();
    }

    private static void requirePath(OnnxNode node, String linear) {
        if (!node.name().replace('/', '.').equals("." + linear + ".MatMul")) {
            throw new IllegalArgumentException(
                    "the ONNX graph computes '" + node.name() + "' where a BERT encoder has " + linear);
        }
    }

    /** Weights by the names that transformers gives them. */
    Map<String, StoredTensor> tensors() {
        return tensors;
    }

    int layers() {
        return layers;
    }

    int hidden() {
        return size("embeddings.word_embeddings.weight", 1);
    }

    int vocabulary() {
        return size("embeddings.word_embeddings.weight", 0);
    }

    int positions() {
        return size("embeddings.position_embeddings.weight", 0);
    }

    int types() {
        return size("embeddings.token_type_embeddings.weight", 0);
    }

    int feedForward() {
        return size("encoder.layer.0.intermediate.dense.weight", 0);
    }

    /** Scores are divided by the root of a head's size, which tells how many heads there are. */
    int heads() {
        float divisor = constant("Div", "attention/self");
        return Math.round(hidden() / (divisor * divisor));
    }

    /** What every norm adds to the variance. */
    float epsilon() {
        return constant("Add", "LayerNorm");
    }

    private int size(String name, int axis) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null || tensor.shape().length != 2) {
            throw new IllegalArgumentException("the ONNX graph has no matrix " + name + ": " + tensors.keySet());
        }
        return (int) tensor.shape()[axis];
    }

    /** The one number that all nodes of a kind, in one part of the model, take from a constant. */
    private float constant(String operation, String part) {
        Map<String, OnnxTensor> constants = new HashMap<>();
        graph.nodes().stream()
                .filter(node -> node.value() != null)
                .forEach(node -> constants.put(node.outputs().get(0), Objects.requireNonNull(node.value())));
        Set<Float> found = graph.nodes().stream()
                .filter(node ->
                        node.operation().equals(operation) && node.name().contains(part))
                .flatMap(node -> node.inputs().stream())
                .map(constants::get)
                .filter(constant -> constant != null && constant.isFloat())
                .map(constant -> constant.floats()[0])
                .collect(Collectors.toCollection(TreeSet::new));
        if (found.size() != 1) {
            throw new IllegalArgumentException("the ONNX graph has the constants " + found + " in nodes " + operation
                    + " of " + part + ", and a BERT encoder has one");
        }
        return found.iterator().next();
    }
}
