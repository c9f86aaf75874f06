package org.pagedattention.gpu;

import java.util.Set;

/** What a status of the CUDA runtime means for the caller. */
public enum CudaStatus {
    OK,
    /** Less memory may do. */
    OUT_OF_MEMORY,
    /** The context is broken; only a new process helps. */
    FATAL,
    /** This call failed, others may work. */
    FAILED;

    private static final int MEMORY_ALLOCATION = 2;

    /**
     * Sticky errors: uncorrectable ECC (214), NVLink (220), illegal address (700), launch timeout (702), destroyed
     * context (709), device assert (710), stack error to illegal program counter (714 to 718), launch failure (719),
     * and the two that mean a lost device (46, 999).
     */
    private static final Set<Integer> STICKY =
            Set.of(46, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 999);

    public static CudaStatus of(int code) {
        if (code == 0) {
            return OK;
        }
        if (code == MEMORY_ALLOCATION) {
            return OUT_OF_MEMORY;
        }
        return STICKY.contains(code) ? FATAL : FAILED;
    }
}
