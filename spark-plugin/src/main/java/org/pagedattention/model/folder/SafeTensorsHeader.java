package org.pagedattention.model.folder;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.pagedattention.tensor.Shape;

/** Reads what a safetensors file says of its tensors: a length, a JSON object, and data without holes. */
final class SafeTensorsHeader {
    private static final String METADATA = "__metadata__";
    /** The format's own limit. */
    private static final long LONGEST = 100_000_000;

    private final ModelFiles files;
    private final String file;
    private final long dataStart;
    private final long dataBytes;

    private record Placed(StoredTensor tensor, long begin, long end) {}

    private SafeTensorsHeader(ModelFiles files, String file, long dataStart) {
        this.files = files;
        this.file = file;
        this.dataStart = dataStart;
        dataBytes = files.size(file) - dataStart;
    }

    /** All tensors of {@code file}. */
    static List<StoredTensor> read(ModelFiles files, String file) {
        long size = files.size(file);
        long length = size < Long.BYTES ? -1 : files.read(file, 0, Long.BYTES).getLong(0);
        if (length < 2 || length > LONGEST || length > size - Long.BYTES) {
            throw new ModelFolderException(
                    files,
                    file + " of " + size + " bytes is no whole safetensors file: download it again, and not as a Git"
                            + " LFS pointer");
        }
        ByteBuffer header = files.read(file, Long.BYTES, length);
        String text = StandardCharsets.UTF_8.decode(header).toString();
        return new SafeTensorsHeader(files, file, Long.BYTES + length).tensors(JsonFile.parse(files, file, text));
    }

    private List<StoredTensor> tensors(JsonFile header) {
        List<Placed> placed = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : header.root().properties()) {
            if (!entry.getKey().equals(METADATA)) {
                placed.add(place(entry.getKey(), entry.getValue()));
            }
        }
        placed.sort(Comparator.comparingLong(Placed::begin));
        long end = 0;
        for (Placed tensor : placed) {
            if (tensor.begin() != end) {
                throw damaged(tensor.tensor().name(), "does not begin where the one before it ends");
            }
            end = tensor.end();
        }
        if (end != dataBytes) {
            throw new ModelFolderException(
                    files,
                    file + " has " + dataBytes + " bytes of data and should have " + end + ": download it again");
        }
        return placed.stream().map(Placed::tensor).toList();
    }

    private Placed place(String name, JsonNode entry) {
        List<Integer> sizes = new ArrayList<>();
        entry.path("shape").forEach(size -> sizes.add(size.canConvertToInt() ? size.asInt() : -1));
        JsonNode offsets = entry.path("data_offsets");
        long begin = offsets.path(0).asLong(-1);
        long end = offsets.path(1).asLong(-1);
        String dtype = entry.path("dtype").asText();
        if (sizes.contains(-1) || begin < 0 || end < begin || end > dataBytes) {
            throw damaged(name, "has a shape or offsets that cannot be");
        }
        Shape shape = new Shape(sizes);
        if (shape.elements() * bits(name, dtype) != (end - begin) * Byte.SIZE) {
            throw damaged(name, "has " + (end - begin) + " bytes for " + shape + " of " + dtype);
        }
        return new Placed(new StoredTensor(files, name, dtype, shape, file, dataStart + begin), begin, end);
    }

    private int bits(String name, String dtype) {
        return switch (dtype) {
            case "F64", "I64", "U64" -> 64;
            case "F32", "I32", "U32" -> 32;
            case "F16", "BF16", "I16", "U16" -> 16;
            case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2" -> 8;
            default -> throw damaged(name, "has dtype '" + dtype + "', which is not known");
        };
    }

    private ModelFolderException damaged(String tensor, String problem) {
        return new ModelFolderException(files, file + ": tensor " + tensor + " " + problem);
    }
}
