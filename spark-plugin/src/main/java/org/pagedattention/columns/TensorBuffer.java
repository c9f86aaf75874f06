package org.pagedattention.columns;

import ai.rapids.cudf.BaseDeviceMemoryBuffer;
import ai.rapids.cudf.ColumnVector;
import ai.rapids.cudf.ColumnView;
import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.DType;
import ai.rapids.cudf.HostMemoryBuffer;
import java.util.stream.IntStream;
import org.pagedattention.tensor.ElementType;

/**
 * A tensor column where it lies in GPU memory: all rows' bytes end to end, and where each row begins.
 *
 * @param name of the column
 * @param address of the first byte; 0 when there is none
 * @param starts index of each row's first token, and behind the last
 * @param tokenBytes bytes of one token
 */
record TensorBuffer(String name, long address, int[] starts, int tokenBytes) {

    /**
     * Finds the column's bytes.
     *
     * @param tokenBytes bytes of one token
     * @throws BadChunkException when a row is null or does not hold whole tokens
     */
    static TensorBuffer of(String name, ColumnVector column, int tokenBytes) {
        if (column.getNullCount() > 0) {
            throw new BadChunkException("column " + name + " has " + column.getNullCount() + " null rows");
        }
        int[] starts = offsets(column);
        for (int i = 0; i < starts.length; i++) {
            if (starts[i] % tokenBytes != 0) {
                throw new BadChunkException("column " + name + ": row " + Math.max(0, i - 1)
                        + " of the chunk does not hold whole tokens of " + tokenBytes + " bytes");
            }
            starts[i] /= tokenBytes;
        }
        return new TensorBuffer(name, bytesAddress(column), starts, tokenBytes);
    }

    /** The rows from {@code from} up to {@code to}, where they lie. */
    TensorBuffer slice(int from, int to) {
        int first = starts[from];
        int[] own =
                IntStream.rangeClosed(from, to).map(row -> starts[row] - first).toArray();
        return new TensorBuffer(name, address + (long) first * tokenBytes, own, tokenBytes);
    }

    /** The largest magnitude of a column's 16-bit floats; infinite or NaN if one is. */
    static float largest(ColumnVector column, ElementType type) {
        if (column.getType().equals(DType.STRING)) {
            return largest(column.getData(), type);
        }
        try (ColumnView bytes = column.getChildColumnView(0)) {
            return largest(bytes.getData(), type);
        }
    }

    @SuppressWarnings("NullAway") // cuDF gives null for a buffer of no bytes
    private static float largest(BaseDeviceMemoryBuffer data, ElementType type) {
        return data == null ? 0 : Magnitudes.largest(data, data.getLength() / type.bytes(), type);
    }

    int tokens(int row) {
        return starts[row + 1] - starts[row];
    }

    int start(int row) {
        return starts[row];
    }

    /** Tokens of all rows. */
    int tokens() {
        return starts[starts.length - 1];
    }

    private static long bytesAddress(ColumnVector column) {
        if (column.getType().equals(DType.STRING)) {
            return address(column.getData());
        }
        try (ColumnView bytes = column.getChildColumnView(0)) {
            return address(bytes.getData());
        }
    }

    @SuppressWarnings("NullAway") // cuDF gives null for a buffer of no bytes
    private static long address(BaseDeviceMemoryBuffer data) {
        return data == null ? 0 : data.getAddress();
    }

    @SuppressWarnings("NullAway") // as above
    private static int[] offsets(ColumnVector column) {
        int[] offsets = new int[(int) column.getRowCount() + 1];
        BaseDeviceMemoryBuffer onDevice = column.getOffsets();
        if (onDevice == null) {
            return offsets;
        }
        long bytes = 4L * offsets.length;
        try (HostMemoryBuffer host = HostMemoryBuffer.allocate(bytes, true)) {
            host.copyFromMemoryBuffer(0, onDevice, 0, bytes, Cuda.DEFAULT_STREAM);
            host.getInts(offsets, 0, 0, offsets.length);
        }
        return offsets;
    }
}
