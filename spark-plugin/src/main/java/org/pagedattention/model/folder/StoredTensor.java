package org.pagedattention.model.folder;

import java.nio.ByteBuffer;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/**
 * Where a tensor lies in a checkpoint.
 *
 * @param dtype as safetensors names it
 * @param offset of its first byte in {@code file}
 */
public record StoredTensor(ModelFiles files, String name, String dtype, Shape shape, String file, long offset)
        implements StoredRows {

    /** Compared at a time. */
    private static final long PIECE_BYTES = 1 << 28;

    /** The element type, where it is one that weights may have. */
    @Override
    public ElementType type() {
        return switch (dtype) {
            case "F32" -> ElementType.FP32;
            case "F16" -> ElementType.FP16;
            case "BF16" -> ElementType.BF16;
            default ->
                throw new ModelFolderException(
                        files,
                        "tensor " + name + " in " + file + " is stored as " + dtype
                                + ", which is not supported: convert it to F32, F16 or BF16");
        };
    }

    long bytes() {
        return shape.elements() * type().bytes();
    }

    /** All of its bytes, little-endian, row after row. */
    public ByteBuffer read() {
        return files.read(file, offset, bytes());
    }

    /** Whether the other one has the same type, shape and bytes. */
    boolean holdsSame(StoredTensor other) {
        if (!dtype.equals(other.dtype) || !shape.equals(other.shape)) {
            return false;
        }
        for (long at = 0; at < bytes(); at += PIECE_BYTES) {
            long size = Math.min(PIECE_BYTES, bytes() - at);
            if (!files.read(file, offset + at, size).equals(files.read(other.file, other.offset + at, size))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public ByteBuffer rows(int first, int count) {
        long row = (long) shape.columns() * type().bytes();
        return files.read(file, offset + first * row, count * row);
    }
}
