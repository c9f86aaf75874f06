package org.pagedattention.columns;

import ai.rapids.cudf.BaseDeviceMemoryBuffer;
import ai.rapids.cudf.ColumnView;
import ai.rapids.cudf.DType;
import ai.rapids.cudf.Scalar;
import java.nio.ByteBuffer;
import org.pagedattention.tensor.ElementType;

/**
 * Looks for the largest among 16-bit floats, for which cuDF has no type. Its bits, read as an integer, are larger than
 * those of all smaller numbers of the same sign, and those of infinities and NaN larger still: as signed integers among
 * the positive, as unsigned ones overall. So two maxima tell, and nothing has to be written.
 */
final class Magnitudes {
    private static final int LARGEST_VIEW = 1 << 29;

    private Magnitudes() {}

    /** Whether {@code elements} of {@code buffer}, from element {@code first} on, are all finite. */
    static boolean allFinite(BaseDeviceMemoryBuffer buffer, long first, long elements, ElementType type) {
        return largestBits(buffer, first, elements) < (type == ElementType.FP16 ? 0x7c00 : 0x7f80);
    }

    /** The largest magnitude among the first {@code elements} of {@code buffer}; infinite or NaN if one is. */
    static float largest(BaseDeviceMemoryBuffer buffer, long elements, ElementType type) {
        ByteBuffer bits = ByteBuffer.allocate(Short.BYTES);
        return type.get(bits.putShort(0, (short) largestBits(buffer, 0, elements)), 0);
    }

    private static int largestBits(BaseDeviceMemoryBuffer buffer, long first, long elements) {
        int largest = 0;
        for (long from = 0; from < elements; from += LARGEST_VIEW) {
            int count = (int) Math.min(LARGEST_VIEW, elements - from);
            int positive = max(buffer, first + from, count, DType.INT16);
            int negative = (max(buffer, first + from, count, DType.UINT16) & 0xffff) - 0x8000;
            largest = Math.max(largest, Math.max(positive, negative));
        }
        return largest;
    }

    private static short max(BaseDeviceMemoryBuffer buffer, long from, int count, DType type) {
        try (ColumnView view = ColumnView.fromDeviceBuffer(buffer, 2 * from, type, count);
                Scalar max = view.max()) {
            return max.getShort();
        }
    }
}
