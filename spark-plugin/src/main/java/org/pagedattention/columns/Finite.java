package org.pagedattention.columns;

import ai.rapids.cudf.BaseDeviceMemoryBuffer;
import ai.rapids.cudf.ColumnView;
import ai.rapids.cudf.DType;
import ai.rapids.cudf.Scalar;
import org.pagedattention.tensor.ElementType;

/**
 * Looks for NaN and infinities among 16-bit floats, for which cuDF has no type. Their bits, read as integers, are larger
 * than those of all finite numbers of the same sign: as signed integers among the positive, as unsigned ones overall.
 * So two maxima tell, and nothing has to be written.
 */
final class Finite {
    private static final int LARGEST_VIEW = 1 << 29;

    private Finite() {}

    /** Whether the first {@code elements} of {@code buffer} are all finite. */
    static boolean all(BaseDeviceMemoryBuffer buffer, long elements, ElementType type) {
        return all(buffer, 0, elements, type);
    }

    /** Whether {@code elements} of {@code buffer}, from element {@code first} on, are all finite. */
    static boolean all(BaseDeviceMemoryBuffer buffer, long first, long elements, ElementType type) {
        int infinity = type == ElementType.FP16 ? 0x7c00 : 0x7f80;
        for (long from = 0; from < elements; from += LARGEST_VIEW) {
            int count = (int) Math.min(LARGEST_VIEW, elements - from);
            if (max(buffer, first + from, count, DType.INT16) >= infinity
                    || (max(buffer, first + from, count, DType.UINT16) & 0xffff) >= (infinity | 0x8000)) {
                return false;
            }
        }
        return true;
    }

    private static short max(BaseDeviceMemoryBuffer buffer, long from, int count, DType type) {
        try (ColumnView view = ColumnView.fromDeviceBuffer(buffer, 2 * from, type, count);
                Scalar max = view.max()) {
            return max.getShort();
        }
    }
}
