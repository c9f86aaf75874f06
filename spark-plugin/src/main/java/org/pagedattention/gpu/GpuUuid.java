package org.pagedattention.gpu;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Writes a GPU's 16 bytes of identity as NVIDIA's tools do. */
final class GpuUuid {
    private static final int BYTES = 16;

    private GpuUuid() {}

    /** Such as {@code GPU-5fd4f087-86f3-7a43-b711-4771313afc50}; empty where the driver tells none. */
    static String format(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length != BYTES) {
            return "";
        }
        String hex = HexFormat.of().formatHex(bytes);
        if (hex.chars().allMatch(digit -> digit == '0')) {
            return "";
        }
        return "GPU-" + hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }
}
