package org.pagedattention.jobs.getmodel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an ONNX file says of its model.
 *
 * @param nodes in the order in which they are computed
 * @param weights by name
 */
record OnnxGraph(List<OnnxNode> nodes, Map<String, OnnxTensor> weights) {

    static OnnxGraph read(ByteBuffer file) {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, OnnxTensor> weights = new LinkedHashMap<>();
        ProtobufReader model = new ProtobufReader(file);
        for (int field = model.next(); field > 0; field = model.next()) {
            if (field == 7) {
                readGraph(model.message(), nodes, weights);
            } else {
                model.skip();
            }
        }
        return new OnnxGraph(nodes, weights);
    }

    private static void readGraph(ProtobufReader graph, List<OnnxNode> nodes, Map<String, OnnxTensor> weights) {
        for (int field = graph.next(); field > 0; field = graph.next()) {
            switch (field) {
                case 1 -> nodes.add(OnnxNode.read(graph.message()));
                case 5 -> {
                    OnnxTensor weight = OnnxTensor.read(graph.message());
                    weights.put(weight.name(), weight);
                }
                default -> graph.skip();
            }
        }
    }
}
