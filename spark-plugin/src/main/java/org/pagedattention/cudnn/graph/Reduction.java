package org.pagedattention.cudnn.graph;

/** {@code cudnnReduceTensorOp_t}. */
public enum Reduction {
    ADD(0),
    MAX(3);

    private final int code;

    Reduction(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
