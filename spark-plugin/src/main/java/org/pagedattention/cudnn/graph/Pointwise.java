package org.pagedattention.cudnn.graph;

/** {@code cudnnPointwiseMode_t}. */
public enum Pointwise {
    ADD(0),
    MUL(1),
    MIN(2),
    MAX(3),
    DIV(6),
    SUB(9),
    EXP(13),
    LOG(15),
    IDENTITY(21),
    RELU(100),
    TANH(101),
    SIGMOID(102),
    /** With the error function. */
    GELU(104),
    /** x·sigmoid(x). */
    SWISH(106),
    GELU_TANH(107),
    CMP_GT(302),
    CMP_GE(303),
    CMP_LT(304),
    LOGICAL_AND(400),
    GEN_INDEX(501),
    BINARY_SELECT(601);

    private final int code;

    Pointwise(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
