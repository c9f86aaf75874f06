package org.pagedattention.jobs.getmodel;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes safetensors in fp32: the length of a header, the header in JSON, then all numbers without a gap. */
final class SafeTensorsFile {
    private static final int ALIGNMENT = 8;

    private SafeTensorsFile() {}

    /** @param tensors in the order in which they are written */
    static void write(Path file, Map<String, BertExport.Weight> tensors) throws IOException {
        byte[] header = header(tensors).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (BertExport.Weight tensor : tensors.values()) {
                out.write(bytes(tensor.floats().get()));
            }
        }
    }

    private static String header(Map<String, BertExport.Weight> tensors) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (Map.Entry<String, BertExport.Weight> entry : tensors.entrySet()) {
            ObjectNode tensor = root.putObject(entry.getKey()).put("dtype", "F32");
            ArrayNode shape = tensor.putArray("shape");
            for (long size : entry.getValue().shape()) {
                shape.add(size);
            }
            long end = offset + entry.getValue().bytes();
            tensor.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String json = root.toString();
        // as other writers do, so that numbers begin at a multiple of their size
        int padding = Math.floorMod(-json.length(), ALIGNMENT);
        return json + " ".repeat(padding);
    }

    private static byte[] bytes(float[] floats) {
        ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(floats);
        return bytes.array();
    }
}
