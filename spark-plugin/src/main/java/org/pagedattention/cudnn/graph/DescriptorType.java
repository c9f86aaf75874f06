package org.pagedattention.cudnn.graph;

/** {@code cudnnBackendDescriptorType_t}. */
enum DescriptorType {
    POINTWISE(0),
    ENGINE(2),
    ENGINECFG(3),
    ENGINEHEUR(4),
    EXECUTION_PLAN(5),
    OPERATION_POINTWISE(13),
    OPERATIONGRAPH(15),
    VARIANT_PACK(16),
    TENSOR(17),
    MATMUL(18),
    OPERATION_MATMUL(19),
    REDUCTION(21),
    OPERATION_REDUCTION(22),
    OPERATION_NORM_FORWARD(29),
    OPERATION_PAGED_CACHE_LOAD(35);

    private final int code;

    DescriptorType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
