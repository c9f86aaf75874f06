package org.pagedattention.jobs.getmodel;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operation of an ONNX graph.
 *
 * @param value of a constant; null for other operations
 */
record OnnxNode(
        String operation,
        String name,
        List<String> inputs,
        List<String> outputs,
        @Nullable OnnxTensor value) {

    static OnnxNode read(ProtobufReader fields) {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        String name = "";
        String operation = "";
        OnnxTensor value = null;
        for (int field = fields.next(); field > 0; field = fields.next()) {
            switch (field) {
                case 1 -> inputs.add(fields.text());
                case 2 -> outputs.add(fields.text());
                case 3 -> name = fields.text();
                case 4 -> operation = fields.text();
                case 5 -> value = tensorOf(fields.message(), value);
                default -> fields.skip();
            }
        }
        return new OnnxNode(operation, name, inputs, outputs, value);
    }

    /** The tensor of an attribute; the one known before where it has none. */
    private static @Nullable OnnxTensor tensorOf(ProtobufReader attribute, @Nullable OnnxTensor known) {
        OnnxTensor tensor = known;
        for (int field = attribute.next(); field > 0; field = attribute.next()) {
            if (field == 5) {
                tensor = OnnxTensor.read(attribute.message());
            } else {
                attribute.skip();
            }
        }
        return tensor;
    }
}
