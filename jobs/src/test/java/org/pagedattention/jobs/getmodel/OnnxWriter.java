package org.pagedattention.jobs.getmodel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the protocol buffers of an ONNX file by hand. */
final class OnnxWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    OnnxWriter number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    OnnxWriter text(int field, String value) {
        return block(field, value.getBytes(StandardCharsets.UTF_8));
    }

    OnnxWriter message(int field, OnnxWriter message) {
        return block(field, message.bytes());
    }

    /** A tensor with its shape packed and its numbers as raw bytes, as PyTorch writes it. */
    static OnnxWriter tensor(String name, List<Integer> shape, float... values) {
        OnnxWriter sizes = new OnnxWriter();
        shape.forEach(sizes::varint);
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return new OnnxWriter().message(1, sizes).number(2, 1).text(8, name).block(9, raw.array());
    }

    static OnnxWriter node(String operation, String name, String output, String... inputs) {
        OnnxWriter node = new OnnxWriter();
        for (String input : inputs) {
            node.text(1, input);
        }
        return node.text(2, output).text(3, name).text(4, operation);
    }

    static OnnxWriter constant(String output, float value) {
        OnnxWriter attribute = new OnnxWriter().text(1, "value").message(5, tensor("", List.of(), value));
        return node("Constant", "", output).message(5, attribute);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private OnnxWriter block(int field, byte[] content) {
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
