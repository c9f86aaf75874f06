package org.pagedattention.jobs.getmodel;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What an ONNX file says of its model.
 *
 * @param nodes in the order in which they are computed
 * @param weights by name
 */
record OnnxGraph(List<Node> nodes, Map<String, Tensor> weights) {

    /** One operation. */
    record Node(String operation, String name, List<String> inputs) {}

    /**
     * Stored numbers.
     *
     * @param type as ONNX counts them, 1 for fp32
     * @param raw little-endian; empty where the file stores the numbers in another way
     */
    record Tensor(String name, int type, long[] shape, ByteBuffer raw) {
        private static final int FLOAT = 1;

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

    /** Takes one field of a message, whose value is next, or leaves it. */
    private interface Fields {
        boolean take(int field) throws IOException;
    }

    /** @throws IllegalArgumentException when the file is no protocol buffer */
    static OnnxGraph read(byte[] file) {
        OnnxGraph graph = new OnnxGraph(new ArrayList<>(), new LinkedHashMap<>());
        CodedInputStream in = CodedInputStream.newInstance(file);
        in.enableAliasing(true);
        try {
            each(in, field -> field == 7 && message(in, part -> graph.take(in, part)));
        } catch (IOException e) {
            throw new IllegalArgumentException("the ONNX file is broken: " + e.getMessage(), e);
        }
        return graph;
    }

    private boolean take(CodedInputStream in, int field) throws IOException {
        if (field == 1) {
            nodes.add(node(in));
        } else if (field == 5) {
            Tensor weight = tensor(in);
            weights.put(weight.name(), weight);
        }
        return field == 1 || field == 5;
    }

    private static Node node(CodedInputStream in) throws IOException {
        List<String> inputs = new ArrayList<>();
        String[] names = {"", ""};
        message(in, field -> {
            switch (field) {
                case 1 -> inputs.add(in.readString());
                case 3 -> names[0] = in.readString();
                case 4 -> names[1] = in.readString();
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new Node(names[1], names[0], inputs);
    }

    private static Tensor tensor(CodedInputStream in) throws IOException {
        List<Long> shape = new ArrayList<>();
        String[] name = {""};
        int[] type = {0};
        ByteBuffer[] raw = {ByteBuffer.allocate(0)};
        message(in, field -> {
            switch (field) {
                case 1 -> readSizes(in, shape);
                case 2 -> type[0] = in.readInt32();
                case 8 -> name[0] = in.readString();
                case 9 -> raw[0] = in.readByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
                default -> {
                    return false;
                }
            }
            return true;
        });
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        return new Tensor(name[0], type[0], sizes, raw[0]);
    }

    /** One after another, or all of them packed into a block. */
    private static void readSizes(CodedInputStream in, List<Long> sizes) throws IOException {
        if (WireFormat.getTagWireType(in.getLastTag()) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            sizes.add(in.readInt64());
            return;
        }
        int outer = in.pushLimit(in.readRawVarint32());
        while (!in.isAtEnd()) {
            sizes.add(in.readInt64());
        }
        in.popLimit(outer);
    }

    private static boolean message(CodedInputStream in, Fields fields) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        each(in, fields);
        in.popLimit(outer);
        return true;
    }

    private static void each(CodedInputStream in, Fields fields) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (!fields.take(WireFormat.getTagFieldNumber(tag))) {
                in.skipField(tag);
            }
        }
    }
}
