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
    FIRST_KEYS(13),
    END_KEYS(14),
    /** From here on: single numbers, read from host memory. */
    SCALE(15),
    PADDING_SCORE(16),
    FUTURE_SCORE(17),
    PAST_SCORE(18),
    WINDOW(19);

    private final long uid;

    SdpaTensor(long uid) {
        this.uid = uid;
    }

    @Override
    public long uid() {
        return uid;
    }
}
