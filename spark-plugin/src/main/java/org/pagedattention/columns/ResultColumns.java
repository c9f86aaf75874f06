package org.pagedattention.columns;

import ai.rapids.cudf.ColumnVector;
import ai.rapids.cudf.ColumnView;
import ai.rapids.cudf.DType;
import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.HostMemoryBuffer;
import ai.rapids.cudf.Scalar;
import java.util.List;
import java.util.Optional;

/** Makes cuDF columns of results. */
final class ResultColumns {
    private ResultColumns() {}

    /**
     * A list column over memory that holds its elements already.
     *
     * @param elements of each row end where those of the next begin; owned by the column from now on
     * @param starts index of each row's first element, and behind the last
     */
    static ColumnVector lists(DType type, DeviceMemoryBuffer elements, int[] starts) {
        int rows = starts.length - 1;
        int count = starts[rows];
        try (ColumnView child = ColumnView.fromDeviceBuffer(elements, 0, type, count)) {
            return new ColumnVector(
                    DType.LIST, rows, Optional.of(0L), null, null, offsets(starts), List.of(elements), new long[] {
                        child.getNativeView()
                    });
        } catch (RuntimeException | Error e) {
            elements.close();
            throw e;
        }
    }

    /** A list column of one vector of {@code width} floats a row. */
    static ColumnVector vectors(float[][] rows, int width) {
        long bytes = Math.max(1, (long) rows.length * width * Float.BYTES);
        try (HostMemoryBuffer host = HostMemoryBuffer.allocate(bytes, true)) {
            int[] starts = new int[rows.length + 1];
            for (int i = 0; i < rows.length; i++) {
                host.setFloats((long) i * width * Float.BYTES, rows[i], 0, width);
                starts[i + 1] = starts[i] + width;
            }
            return lists(DType.FLOAT32, onDevice(host), starts);
        }
    }

    static ColumnVector nulls(int rows) {
        try (Scalar none = Scalar.fromNull(DType.STRING)) {
            return ColumnVector.fromScalar(none, rows);
        }
    }

    private static DeviceMemoryBuffer offsets(int[] starts) {
        try (HostMemoryBuffer host = HostMemoryBuffer.allocate(4L * starts.length, true)) {
            host.setInts(0, starts, 0, starts.length);
            return onDevice(host);
        }
    }

    private static DeviceMemoryBuffer onDevice(HostMemoryBuffer host) {
        DeviceMemoryBuffer device = DeviceMemoryBuffer.allocate(host.getLength());
        device.copyFromHostBuffer(host);
        return device;
    }
}
