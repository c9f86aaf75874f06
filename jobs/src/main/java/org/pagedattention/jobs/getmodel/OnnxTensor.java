package org.pagedattention.jobs.getmodel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Numbers stored in an ONNX file.
 *
 * @param type as ONNX counts them, 1 for fp32
 * @param raw little-endian; empty where the file stores the numbers in another way
 */
record OnnxTensor(String name, int type, long[] shape, ByteBuffer raw) {
    private static final int FLOAT = 1;

    static OnnxTensor read(ProtobufReader fields) {
        List<Long> shape = new ArrayList<>();
        String name = "";
        int type = 0;
        ByteBuffer raw = ByteBuffer.allocate(0);
        for (int field = fields.next(); field > 0; field = fields.next()) {
            switch (field) {
                case 1 -> addSizes(fields, shape);
                case 2 -> type = (int) fields.number();
                case 8 -> name = fields.text();
                case 9 -> raw = fields.block();
                default -> fields.skip();
            }
        }
        return new OnnxTensor(
                name, type, shape.stream().mapToLong(Long::longValue).toArray(), raw);
    }

    private static void addSizes(ProtobufReader fields, List<Long> shape) {
        if (fields.isPacked()) {
            ProtobufReader packed = fields.message();
            while (packed.hasMore()) {
                shape.add(packed.varint());
            }
        } else {
            shape.add(fields.number());
        }
    }

    boolean isFloat() {
        return type == FLOAT;
    }

    /** All numbers, row after row. */
    float[] floats() {
        long count = LongStream.of(shape).reduce(1, (a, b) -> a * b);
        if (!isFloat() || raw.remaining() != count * Float.BYTES) {
            throw new IllegalArgumentException("tensor " + name + " has type " + type + " and " + raw.remaining()
                    + " bytes, and not " + count + " numbers in fp32");
        }
        float[] floats = new float[(int) count];
        raw.asFloatBuffer().get(floats);
        return floats;
    }
}
