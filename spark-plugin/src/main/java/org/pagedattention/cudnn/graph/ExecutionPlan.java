package org.pagedattention.cudnn.graph;

import java.util.Deque;
import java.util.List;
import java.util.Map;
import jcuda.jcudnn.JCudnn;
import org.pagedattention.cudnn.library.CudnnCalls;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.cudnn.library.CudnnHandle;

/**
 * A compiled graph. Usable by several threads at once, each with a handle and a scratch of its own, who count as its users
 * until the GPU is done.
 */
public final class ExecutionPlan implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ExecutionPlan.class.getName());

    private final Descriptor plan;
    private final List<TensorId> inputs;
    private final Uses uses;
    private final long workspaceBytes;

    /**
     * @param inputs tensors that a launch must name
     * @param parts the plan and what it was made from, newest first; closed when the plan is closed and has no user
     */
    ExecutionPlan(Descriptor plan, List<TensorId> inputs, Deque<Descriptor> parts) {
        this.plan = plan;
        this.inputs = List.copyOf(inputs);
        uses = new Uses(() -> free(parts));
        workspaceBytes = plan.getLong(Attribute.EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    /** Whoever used it last, or needs its place, has nothing to do with a failure of this. */
    private static void free(Deque<Descriptor> parts) {
        try {
            GraphBuilder.closeAll(parts);
        } catch (CudnnException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot free a plan", e);
        }
    }

    /** One more user, who has to {@link #release}; false when the plan is closed. */
    public boolean use() {
        return uses.use();
    }

    public void release() {
        uses.release();
    }

    /** Device memory that a launch needs beside its tensors. */
    long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * All of it as text, code for the GPU included, from which it can be made anew by another process. In the thread that
     * built it.
     *
     * @throws CudnnException when cuDNN cannot
     */
    byte[] json() {
        return plan.getBytes(Attribute.EXECUTION_PLAN_JSON_REPRESENTATION);
    }

    /**
     * Gives a launch its memory.
     *
     * @param addresses of every tensor
     * @param workspace {@link #workspaceBytes} of device memory
     */
    public Arguments bind(Scratch scratch, Map<TensorId, Long> addresses, long workspace) {
        long[] uids = inputs.stream().mapToLong(TensorId::uid).toArray();
        long[] pointers =
                inputs.stream().mapToLong(id -> address(addresses, id)).toArray();
        Descriptor pack = new Descriptor(DescriptorType.VARIANT_PACK, scratch);
        try {
            pack.set(Attribute.VARIANT_PACK_UNIQUE_IDS, uids)
                    .set(Attribute.VARIANT_PACK_DATA_POINTERS, pointers)
                    .set(Attribute.VARIANT_PACK_WORKSPACE, workspace)
                    .finish();
            return new Arguments(this, pack);
        } catch (RuntimeException e) {
            pack.close();
            throw e;
        }
    }

    /** The memory of a launch, which may be launched any number of times. */
    public record Arguments(ExecutionPlan owner, Descriptor pack) implements AutoCloseable {

        /** Launches on the stream of {@code handle}; numbers in host memory are read before this returns. */
        public void launch(CudnnHandle handle) {
            int status = JCudnn.cudnnBackendExecute(handle.jcuda(), owner.plan.jcuda(), pack.jcuda());
            CudnnCalls.check(status, "cudnnBackendExecute");
        }

        @Override
        public void close() {
            pack.close();
        }
    }

    /** Its last user frees it. */
    @Override
    public void close() {
        uses.retire();
    }

    private static long address(Map<TensorId, Long> addresses, TensorId id) {
        Long address = addresses.get(id);
        if (address == null) {
            throw new IllegalStateException("no memory given for " + id);
        }
        return address;
    }
}
