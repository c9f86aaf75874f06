package org.pagedattention.cudnn;

/** {@code cudnnReduceTensorOp_t}. */
enum Reduction {
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
