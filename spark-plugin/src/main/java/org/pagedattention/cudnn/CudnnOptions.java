package org.pagedattention.cudnn;

/**
 * What tests ask of the backend beyond its settings.
 *
 * @param poisonOutputs fill outputs with NaN before each run, so that a row nobody writes cannot look right
 * @param wideOffsets use 64-bit ragged offsets where 32 bits would do
 */
record CudnnOptions(boolean poisonOutputs, boolean wideOffsets) {

    static CudnnOptions fromSystemProperties() {
        return new CudnnOptions(Boolean.getBoolean("pagedattention.test.poison"), false);
    }
}
