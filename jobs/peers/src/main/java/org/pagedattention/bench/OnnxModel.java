package org.pagedattention.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A model of one Attention node, written as the protocol buffers that ONNX files are. */
final class OnnxModel {
    private static final int IR_VERSION = 10;
    private static final int OPSET = 24;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private OnnxModel() {}

    /**
     * Inputs Q, K, V {@code [batch, heads, tokens, dim]} and, with {@code lengths}, L {@code [batch]}; output Y.
     *
     * @param lengths whether keys behind a sequence's length are hidden
     */
    static byte[] attention(boolean causal, float scale, boolean lengths) {
        OnnxModel node = new OnnxModel();
        for (String input : lengths ? List.of("Q", "K", "V", "", "", "", "L") : List.of("Q", "K", "V")) {
            node.text(1, input);
        }
        node.text(2, "Y").text(4, "Attention");
        node.message(
                5,
                new OnnxModel().text(1, "is_causal").number(3, causal ? 1 : 0).number(20, ATTRIBUTE_INT));
        node.message(5, new OnnxModel().text(1, "scale").fixed32(2, scale).number(20, ATTRIBUTE_FLOAT));

        OnnxModel graph = new OnnxModel().message(1, node).text(2, "attention");
        for (String input : List.of("Q", "K", "V")) {
            graph.message(11, value(input, FLOAT, 4));
        }
        if (lengths) {
            graph.message(11, value("L", INT64, 1));
        }
        graph.message(12, value("Y", FLOAT, 4));

        OnnxModel opset = new OnnxModel().text(1, "").number(2, OPSET);
        return new OnnxModel()
                .number(1, IR_VERSION)
                .message(8, opset)
                .message(7, graph)
                .bytes
                .toByteArray();
    }

    /** A tensor whose dimensions are left open. */
    private static OnnxModel value(String name, int elementType, int rank) {
        OnnxModel shape = new OnnxModel();
        for (int i = 0; i < rank; i++) {
            shape.message(1, new OnnxModel().text(2, name + i));
        }
        OnnxModel tensor = new OnnxModel().number(1, elementType).message(2, shape);
        return new OnnxModel().text(1, name).message(2, new OnnxModel().message(1, tensor));
    }

    private OnnxModel number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    private OnnxModel fixed32(int field, float value) {
        varint(((long) field << 3) | 5);
        byte[] fixed = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array();
        bytes.writeBytes(fixed);
        return this;
    }

    private OnnxModel text(int field, String value) {
        return block(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private OnnxModel message(int field, OnnxModel message) {
        return block(field, message.bytes.toByteArray());
    }

    private OnnxModel block(int field, byte[] content) {
        varint(((long) field << 3) | 2);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while (rest >= 0x80) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }
}
