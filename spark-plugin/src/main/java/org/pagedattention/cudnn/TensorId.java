package org.pagedattention.cudnn;

/** The tensors that a launch gives memory to; the ordinal plus one is the tensor's unique id. */
enum TensorId {
    QUERIES,
    KEYS,
    VALUES,
    OUTPUT,
    LSE,
    QUERY_LENGTHS,
    KV_LENGTHS,
    KEY_TABLE,
    VALUE_TABLE,
    QUERY_OFFSETS,
    OUTPUT_OFFSETS,
    LSE_OFFSETS,
    /** From here on: single numbers, read from host memory. */
    SCALE,
    PADDING_SCORE,
    FUTURE_SCORE,
    PAST_SCORE,
    WINDOW;

    long uid() {
        return ordinal() + 1L;
    }
}
