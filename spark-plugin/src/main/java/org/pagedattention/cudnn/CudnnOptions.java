package org.pagedattention.cudnn;

import org.pagedattention.backend.BackendSettings;

/**
 * How batches run.
 *
 * @param packing when short sequences share slots
 * @param deterministic let nothing but its extents tell one batch's graph from another's, so that a sequence gets the
 *     same bits in each
 */
record CudnnOptions(Packing.When packing, boolean deterministic) {

    static CudnnOptions of(BackendSettings settings) {
        // where a sequence begins in its slot decides in which order a kernel adds up
        Packing.When packing = settings.deterministic() ? Packing.When.NEVER : Packing.When.WHERE_IT_PAYS;
        return new CudnnOptions(packing, settings.deterministic());
    }

    /** The same with a slot for each sequence. */
    CudnnOptions apart() {
        return new CudnnOptions(Packing.When.NEVER, deterministic);
    }
}
