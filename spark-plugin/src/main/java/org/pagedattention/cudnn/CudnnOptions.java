package org.pagedattention.cudnn;

import org.pagedattention.backend.BackendSettings;

/**
 * How batches run; the first two are what tests ask for beyond the backend's settings.
 *
 * @param poisonOutputs fill outputs with NaN before each run, so that a row nobody writes cannot look right
 * @param wideOffsets use 64-bit ragged offsets where 32 bits would do
 * @param deterministic let nothing but its extents tell one batch's graph from another's, so that a sequence gets the
 *     same bits in each
 */
record CudnnOptions(boolean poisonOutputs, boolean wideOffsets, boolean deterministic) {

    static CudnnOptions of(BackendSettings settings) {
        return new CudnnOptions(Boolean.getBoolean("pagedattention.test.poison"), false, settings.deterministic());
    }
}
