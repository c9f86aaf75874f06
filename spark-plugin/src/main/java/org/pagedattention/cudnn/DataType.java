package org.pagedattention.cudnn;

import org.pagedattention.tensor.ElementType;

/** {@code cudnnDataType_t}. */
enum DataType {
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

    /** How cuDNN stores {@code type}; cuDNN attends 16-bit tensors only. */
    static DataType of(ElementType type) {
        return switch (type) {
            case FP16 -> HALF;
            case BF16 -> BFLOAT16;
            case FP32 ->
                throw new IllegalArgumentException(
                        "cuDNN has no fp32 attention: set --compute-dtype to fp16 or bf16, or use --backend cpu");
        };
    }
}
