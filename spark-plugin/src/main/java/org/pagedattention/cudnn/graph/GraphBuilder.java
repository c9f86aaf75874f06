package org.pagedattention.cudnn.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.library.CudnnException;

/**
 * Builds a graph of typed operations over the backend API. Owns every descriptor that it makes, until {@link #plan}
 * hands them to the plan.
 */
public final class GraphBuilder implements AutoCloseable {
    private static final long ALIGNMENT = 16;
    /** {@code cudnnBackendNormFwdPhase_t}. */
    private static final int INFERENCE = 0;

    /** Tensors of a graph that launches give memory to; numbers behind it are those of tensors within the kernel. */
    public static final long MOST_IDS = 99;

    private final Workbench bench;
    private final Deque<Descriptor> owned = new ArrayDeque<>();
    private final List<Descriptor> operations = new ArrayList<>();
    private final List<TensorId> inputs = new ArrayList<>();
    private long nextVirtual = MOST_IDS + 1;

    public GraphBuilder(Workbench bench) {
        this.bench = bench;
    }

    /** A tensor in memory, which each launch names. */
    public Tensor tensor(TensorId id, DataType type, TensorShape shape) {
        return new Tensor(shape, describe(id, type, shape).finish());
    }

    /** A tensor whose batches lie end to end: batch {@code b} starts at element {@code offsets[b]}. */
    public Tensor raggedTensor(TensorId id, DataType type, TensorShape shape, Tensor offsets) {
        Descriptor descriptor = describe(id, type, shape);
        descriptor.set(Attribute.TENSOR_RAGGED_OFFSET_DESC, offsets.descriptor());
        return new Tensor(shape, descriptor.finish());
    }

    /**
     * A number, which each launch reads from host memory.
     *
     * @param rank axes of the tensors that it goes with
     */
    public Tensor number(TensorId id, DataType type, int rank) {
        TensorShape one = TensorShape.ones(rank);
        Descriptor descriptor = describe(id, type, one);
        descriptor.set(Attribute.TENSOR_IS_BY_VALUE, 1);
        return new Tensor(one, descriptor.finish());
    }

    /** A tensor that exists within the kernel only. */
    public Tensor virtual(DataType type, TensorShape shape) {
        Descriptor descriptor = describe(nextVirtual++, type, shape);
        descriptor.set(Attribute.TENSOR_IS_VIRTUAL, 1);
        return new Tensor(shape, descriptor.finish());
    }

    /** The tokens that {@code table} names, as if they lay in a row. */
    public Tensor pagedLoad(Tensor container, Tensor table, Tensor lengths, Tensor result) {
        operation(DescriptorType.OPERATION_PAGED_CACHE_LOAD)
                .set(Attribute.PAGED_CACHE_LOAD_CONTAINER_DESC, container.descriptor())
                .set(Attribute.PAGED_CACHE_LOAD_PAGE_TABLE_DESC, table.descriptor())
                .set(Attribute.PAGED_CACHE_LOAD_SEQUENCE_DESC, lengths.descriptor())
                .set(Attribute.PAGED_CACHE_LOAD_YDESC, result.descriptor())
                .finish();
        return result;
    }

    /**
     * The product {@code a · b}. Rows beyond {@code rows}, and columns or inner elements beyond {@code others}, need not
     * be computed.
     *
     * @param rows valid rows of each batch; null when all are
     * @param override what {@code others} bounds
     * @param others valid columns or inner elements of each batch; null when all are
     */
    public Tensor matmul(
            Tensor a, Tensor b, Tensor result, @Nullable Tensor rows, Attribute override, @Nullable Tensor others) {
        Descriptor kind = create(DescriptorType.MATMUL)
                .set(Attribute.MATMUL_COMP_TYPE, DataType.FLOAT.code())
                .finish();
        Descriptor operation = operation(DescriptorType.OPERATION_MATMUL)
                .set(Attribute.OPERATION_MATMUL_ADESC, a.descriptor())
                .set(Attribute.OPERATION_MATMUL_BDESC, b.descriptor())
                .set(Attribute.OPERATION_MATMUL_CDESC, result.descriptor())
                .set(Attribute.OPERATION_MATMUL_DESC, kind);
        if (rows != null) {
            operation.set(Attribute.OPERATION_MATMUL_GEMM_M_OVERRIDE_DESC, rows.descriptor());
        }
        if (others != null) {
            operation.set(override, others.descriptor());
        }
        operation.finish();
        return result;
    }

    /** The product {@code a · b}, all of it. */
    public Tensor matmul(Tensor a, Tensor b, Tensor result) {
        return matmul(a, b, result, null, Attribute.OPERATION_MATMUL_GEMM_N_OVERRIDE_DESC, null);
    }

    /**
     * Every row of {@code x} normalised, as inference needs it; rows are the first of four axes, columns the second.
     *
     * @param bias null for none
     * @param epsilon a number
     */
    public Tensor norm(
            Normalization mode, Tensor x, Tensor scale, @Nullable Tensor bias, Tensor epsilon, Tensor result) {
        Descriptor operation = operation(DescriptorType.OPERATION_NORM_FORWARD)
                .set(Attribute.OPERATION_NORM_FWD_MODE, mode.code())
                .set(Attribute.OPERATION_NORM_FWD_PHASE, INFERENCE)
                .set(Attribute.OPERATION_NORM_FWD_XDESC, x.descriptor())
                .set(Attribute.OPERATION_NORM_FWD_SCALE_DESC, scale.descriptor())
                .set(Attribute.OPERATION_NORM_FWD_EPSILON_DESC, epsilon.descriptor())
                .set(Attribute.OPERATION_NORM_FWD_YDESC, result.descriptor());
        if (bias != null) {
            operation.set(Attribute.OPERATION_NORM_FWD_BIAS_DESC, bias.descriptor());
        }
        operation.finish();
        return result;
    }

    /** {@code mode(x)} or {@code mode(x, b)}, element by element, in the arithmetic of {@code compute}. */
    public Tensor pointwise(Pointwise mode, DataType compute, Tensor x, @Nullable Tensor b, Tensor result) {
        Descriptor kind = pointwiseKind(mode, compute).finish();
        Descriptor operation = operation(DescriptorType.OPERATION_POINTWISE)
                .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR, kind)
                .set(Attribute.OPERATION_POINTWISE_XDESC, x.descriptor())
                .set(Attribute.OPERATION_POINTWISE_YDESC, result.descriptor());
        if (b != null) {
            operation.set(Attribute.OPERATION_POINTWISE_BDESC, b.descriptor());
        }
        operation.finish();
        return result;
    }

    /** Each element's own index along {@code axis} of {@code like}. */
    public Tensor index(int axis, DataType compute, Tensor like) {
        Tensor result = virtual(DataType.INT32, like.shape());
        Descriptor kind = pointwiseKind(Pointwise.GEN_INDEX, compute)
                .set(Attribute.POINTWISE_AXIS, axis)
                .finish();
        operation(DescriptorType.OPERATION_POINTWISE)
                .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR, kind)
                .set(Attribute.OPERATION_POINTWISE_XDESC, like.descriptor())
                .set(Attribute.OPERATION_POINTWISE_YDESC, result.descriptor())
                .finish();
        return result;
    }

    /** {@code x} where {@code condition} holds, {@code otherwise} elsewhere. */
    public Tensor select(Tensor condition, Tensor x, Tensor otherwise) {
        Tensor result = virtual(DataType.FLOAT, x.shape());
        Descriptor kind = pointwiseKind(Pointwise.BINARY_SELECT, DataType.FLOAT).finish();
        operation(DescriptorType.OPERATION_POINTWISE)
                .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR, kind)
                .set(Attribute.OPERATION_POINTWISE_XDESC, x.descriptor())
                .set(Attribute.OPERATION_POINTWISE_BDESC, otherwise.descriptor())
                .set(Attribute.OPERATION_POINTWISE_TDESC, condition.descriptor())
                .set(Attribute.OPERATION_POINTWISE_YDESC, result.descriptor())
                .finish();
        return result;
    }

    /** Reduces the last axis of {@code x} to {@code shape}. */
    public Tensor reduce(Reduction operator, Tensor x, TensorShape shape) {
        return reduce(operator, x, virtual(DataType.FLOAT, shape));
    }

    /** Reduces those axes of {@code x} that {@code result} has but one index of. */
    public Tensor reduce(Reduction operator, Tensor x, Tensor result) {
        Descriptor kind = create(DescriptorType.REDUCTION)
                .set(Attribute.REDUCTION_COMP_TYPE, DataType.FLOAT.code())
                .set(Attribute.REDUCTION_OPERATOR, operator.code())
                .finish();
        operation(DescriptorType.OPERATION_REDUCTION)
                .set(Attribute.OPERATION_REDUCTION_DESC, kind)
                .set(Attribute.OPERATION_REDUCTION_XDESC, x.descriptor())
                .set(Attribute.OPERATION_REDUCTION_YDESC, result.descriptor())
                .finish();
        return result;
    }

    /**
     * The plan for the graph that the workbench has, or chooses.
     *
     * @throws CudnnException when cuDNN has none
     */
    public ExecutionPlan plan() {
        byte[] stored = bench.stored();
        if (stored != null) {
            return restored(stored);
        }
        Descriptor graph = create(DescriptorType.OPERATIONGRAPH)
                .set(Attribute.OPERATIONGRAPH_OPS, operations.toArray(Descriptor[]::new))
                .set(Attribute.OPERATIONGRAPH_HANDLE, bench.handle().value())
                .finish();
        return new PlanSearch(bench.handle(), graph, bench.scratch()).best(inputs, owned, bench.choice());
    }

    private ExecutionPlan restored(byte[] stored) {
        Descriptor plan = create(DescriptorType.EXECUTION_PLAN)
                .set(Attribute.EXECUTION_PLAN_HANDLE, bench.handle().value())
                .set(Attribute.EXECUTION_PLAN_JSON_REPRESENTATION, stored)
                .finish();
        ExecutionPlan result = new ExecutionPlan(plan, inputs, new ArrayDeque<>(owned));
        owned.clear();
        return result;
    }

    /** Frees all descriptors that no plan has taken over, the newest first. */
    @Override
    public void close() {
        closeAll(owned);
    }

    static void closeAll(Deque<Descriptor> descriptors) {
        while (!descriptors.isEmpty()) {
            descriptors.pop().close();
        }
    }

    private Descriptor pointwiseKind(Pointwise mode, DataType compute) {
        return create(DescriptorType.POINTWISE)
                .set(Attribute.POINTWISE_MODE, mode.code())
                .set(Attribute.POINTWISE_MATH_PREC, compute.code());
    }

    private Descriptor describe(TensorId id, DataType type, TensorShape shape) {
        if (id.uid() < 1 || id.uid() > MOST_IDS) {
            throw new IllegalArgumentException(id + " has the number " + id.uid() + ", not one of 1 to " + MOST_IDS);
        }
        inputs.add(id);
        return describe(id.uid(), type, shape);
    }

    private Descriptor describe(long uid, DataType type, TensorShape shape) {
        return create(DescriptorType.TENSOR)
                .set(Attribute.TENSOR_DATA_TYPE, type.code())
                .set(Attribute.TENSOR_DIMENSIONS, shape.dimArray())
                .set(Attribute.TENSOR_STRIDES, shape.strideArray())
                .set(Attribute.TENSOR_UNIQUE_ID, uid)
                .set(Attribute.TENSOR_BYTE_ALIGNMENT, ALIGNMENT);
    }

    private Descriptor operation(DescriptorType type) {
        Descriptor operation = create(type);
        operations.add(operation);
        return operation;
    }

    private Descriptor create(DescriptorType type) {
        Descriptor descriptor = new Descriptor(type, bench.scratch());
        owned.push(descriptor);
        return descriptor;
    }
}
