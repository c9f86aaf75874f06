package org.pagedattention.cudnn;

import org.pagedattention.cudnn.graph.TensorId;

/** The tensors that a launch of attention gives memory to. */
enum SdpaTensor implements TensorId {
    QUERIES(1),
    KEYS(2),
    VALUES(3),
    OUTPUT(4),
    LSE(5),
    QUERY_LENGTHS(6),
    KV_LENGTHS(7),
    KEY_TABLE(8),
    VALUE_TABLE(9),
    QUERY_OFFSETS(10),
    OUTPUT_OFFSETS(11),
    LSE_OFFSETS(12),
    /** From here on: single numbers, read from host memory. */
    SCALE(13),
    PADDING_SCORE(14),
    FUTURE_SCORE(15),
    PAST_SCORE(16),
    WINDOW(17);

    private final long uid;

    SdpaTensor(long uid) {
        this.uid = uid;
    }

    @Override
    public long uid() {
        return uid;
    }
}
