package org.pagedattention.cudnn.graph;

import org.pagedattention.tensor.ElementType;

/** {@code cudnnDataType_t}. */
public enum DataType {
    FLOAT(0),
    HALF(2),
    INT32(4),
    BFLOAT16(9),
    INT64(10),
    BOOLEAN(11);

    private final int code;

    DataType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** How cuDNN stores {@code type}. */
    public static DataType of(ElementType type) {
        return switch (type) {
            case FP16 -> HALF;
            case BF16 -> BFLOAT16;
            case FP32 -> FLOAT;
        };
    }
}
