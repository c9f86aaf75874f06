package org.pagedattention.cudnn.graph;

/** {@code cudnnBackendAttributeName_t}, each with the type that its values have. */
public enum Attribute {
    POINTWISE_MODE(0, Kind.POINTWISE_MODE),
    POINTWISE_MATH_PREC(1, Kind.DATA_TYPE),
    POINTWISE_AXIS(9, Kind.INT64),

    ENGINEHEUR_MODE(200, Kind.HEUR_MODE),
    ENGINEHEUR_OPERATION_GRAPH(201, Kind.DESCRIPTOR),
    ENGINEHEUR_RESULTS(202, Kind.DESCRIPTOR),

    ENGINECFG_ENGINE(300, Kind.DESCRIPTOR),

    EXECUTION_PLAN_HANDLE(400, Kind.HANDLE),
    EXECUTION_PLAN_ENGINE_CONFIG(401, Kind.DESCRIPTOR),
    EXECUTION_PLAN_WORKSPACE_SIZE(402, Kind.INT64),

    OPERATION_POINTWISE_PW_DESCRIPTOR(750, Kind.DESCRIPTOR),
    OPERATION_POINTWISE_XDESC(751, Kind.DESCRIPTOR),
    OPERATION_POINTWISE_BDESC(752, Kind.DESCRIPTOR),
    OPERATION_POINTWISE_YDESC(753, Kind.DESCRIPTOR),
    OPERATION_POINTWISE_TDESC(758, Kind.DESCRIPTOR),

    OPERATIONGRAPH_HANDLE(800, Kind.HANDLE),
    OPERATIONGRAPH_OPS(801, Kind.DESCRIPTOR),

    TENSOR_BYTE_ALIGNMENT(900, Kind.INT64),
    TENSOR_DATA_TYPE(901, Kind.DATA_TYPE),
    TENSOR_DIMENSIONS(902, Kind.INT64),
    TENSOR_STRIDES(903, Kind.INT64),
    TENSOR_UNIQUE_ID(906, Kind.INT64),
    TENSOR_IS_VIRTUAL(907, Kind.BOOLEAN),
    TENSOR_IS_BY_VALUE(908, Kind.BOOLEAN),
    TENSOR_RAGGED_OFFSET_DESC(913, Kind.DESCRIPTOR),

    VARIANT_PACK_UNIQUE_IDS(1000, Kind.INT64),
    VARIANT_PACK_DATA_POINTERS(1001, Kind.POINTER),
    VARIANT_PACK_WORKSPACE(1003, Kind.POINTER),

    ENGINE_GLOBAL_INDEX(1301, Kind.INT64),

    MATMUL_COMP_TYPE(1500, Kind.DATA_TYPE),
    OPERATION_MATMUL_ADESC(1520, Kind.DESCRIPTOR),
    OPERATION_MATMUL_BDESC(1521, Kind.DESCRIPTOR),
    OPERATION_MATMUL_CDESC(1522, Kind.DESCRIPTOR),
    OPERATION_MATMUL_DESC(1523, Kind.DESCRIPTOR),
    OPERATION_MATMUL_GEMM_M_OVERRIDE_DESC(1525, Kind.DESCRIPTOR),
    OPERATION_MATMUL_GEMM_N_OVERRIDE_DESC(1526, Kind.DESCRIPTOR),
    OPERATION_MATMUL_GEMM_K_OVERRIDE_DESC(1527, Kind.DESCRIPTOR),

    REDUCTION_OPERATOR(1600, Kind.REDUCTION_OPERATOR),
    REDUCTION_COMP_TYPE(1601, Kind.DATA_TYPE),
    OPERATION_REDUCTION_XDESC(1610, Kind.DESCRIPTOR),
    OPERATION_REDUCTION_YDESC(1611, Kind.DESCRIPTOR),
    OPERATION_REDUCTION_DESC(1612, Kind.DESCRIPTOR),

    PAGED_CACHE_LOAD_CONTAINER_DESC(1950, Kind.DESCRIPTOR),
    PAGED_CACHE_LOAD_YDESC(1951, Kind.DESCRIPTOR),
    PAGED_CACHE_LOAD_SEQUENCE_DESC(1952, Kind.DESCRIPTOR),
    PAGED_CACHE_LOAD_PAGE_TABLE_DESC(1953, Kind.DESCRIPTOR);

    /** {@code cudnnBackendAttributeType_t}: its number, and bytes of one value. */
    enum Kind {
        HANDLE(0, 8),
        DATA_TYPE(1, 4),
        BOOLEAN(2, 1),
        INT64(3, 8),
        POINTER(6, 8),
        HEUR_MODE(8, 4),
        POINTWISE_MODE(14, 4),
        DESCRIPTOR(15, 8),
        REDUCTION_OPERATOR(18, 4);

        private final int code;
        private final int bytes;

        Kind(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        int code() {
            return code;
        }

        int bytes() {
            return bytes;
        }
    }

    private final int code;
    private final Kind kind;

    Attribute(int code, Kind kind) {
        this.code = code;
        this.kind = kind;
    }

    int code() {
        return code;
    }

    Kind kind() {
        return kind;
    }
}
