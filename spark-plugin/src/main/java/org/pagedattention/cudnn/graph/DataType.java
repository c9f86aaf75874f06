package org.pagedattention.cudnn.graph;

import org.pagedattention.tensor.ElementType;

/** {@code cudnnDataType_t}. */
public enum DataType {
    FLOAT(0, 4),
    HALF(2, 2),
    INT32(4, 4),
    BFLOAT16(9, 2),
    INT64(10, 8),
    BOOLEAN(11, 1);

    private final int code;
    private final int bytes;

    DataType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
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
