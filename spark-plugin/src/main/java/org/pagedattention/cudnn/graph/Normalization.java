package org.pagedattention.cudnn.graph;

/** {@code cudnnBackendNormMode_t}. */
public enum Normalization {
    LAYER(0),
    RMS(4);

    private final int code;

    Normalization(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
