package org.pagedattention.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.model.folder.StoredTensors;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** A copy of a tiny model's folder, whose tensors and configuration a test may change before it is loaded. */
final class FolderCopy {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    final Path folder;
    final Map<String, Stored> tensors = new LinkedHashMap<>();
    final ObjectNode config;

    record Stored(String dtype, Shape shape, byte[] bytes) {}

    FolderCopy(String model, Path folder) throws IOException {
        this.folder = folder;
        LocalModelFiles files = Oracle.of(model).files();
        for (StoredTensor tensor : StoredTensors.of(files, "model.safetensors")) {
            ByteBuffer stored = tensor.read();
            byte[] bytes = new byte[stored.remaining()];
            stored.get(bytes);
            tensors.put(tensor.name(), new Stored(tensor.dtype(), tensor.shape(), bytes));
        }
        config = (ObjectNode) MAPPER.readTree(files.text("config.json"));
    }

    LocalModelFiles files() throws IOException {
        write("model.safetensors", tensors);
        return filesWithoutTensors();
    }

    LocalModelFiles filesWithoutTensors() throws IOException {
        Files.writeString(folder.resolve("config.json"), config.toString());
        return new LocalModelFiles(folder);
    }

    void rename(String from, String to) {
        tensors.put(to, tensors.remove(from));
    }

    /** Stores a tensor with half the bits. */
    void narrow(String name, ElementType type) {
        Stored stored = tensors.get(name);
        int count = (int) stored.shape().elements();
        float[] values = new float[count];
        ByteBuffer wide = ByteBuffer.wrap(stored.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        ElementType.FP32.read(wide, 0, values, count);
        ByteBuffer narrow = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
        type.write(values, count, narrow, 0);
        tensors.put(name, new Stored(type == ElementType.BF16 ? "BF16" : "F16", stored.shape(), narrow.array()));
    }

    void write(String file, Map<String, Stored> some) throws IOException {
        write(file, some, header -> {});
    }

    void write(String file, Map<String, Stored> some, Consumer<ObjectNode> change) throws IOException {
        ObjectNode header = MAPPER.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        int offset = 0;
        for (Map.Entry<String, Stored> entry : some.entrySet()) {
            Stored stored = entry.getValue();
            ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", stored.dtype());
            tensor.set("shape", MAPPER.valueToTree(stored.shape().sizes()));
            tensor.putArray("data_offsets").add(offset).add(offset + stored.bytes().length);
            offset += stored.bytes().length;
        }
        change.accept(header);
        byte[] head = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(8 + head.length + offset).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(head.length).put(head);
        some.values().forEach(stored -> all.put(stored.bytes()));
        Files.write(folder.resolve(file), all.array());
    }
}
