package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.paging.PagedBatch;

/** A batch in pooled memory. Helper threads begin at {@link #start}, the caller's own thread joins in {@link #await}. */
final class CpuBatch implements AttentionBatch {
    private enum State {
        OPEN,
        STARTED,
        DONE,
        CLOSED
    }

    private final CpuAttention backend;
    private final BatchTensors tensors;
    private final @Nullable ByteBuffer lse;
    private final BatchRun run;
    private State state = State.OPEN;

    /**
     * @param lse memory behind the tensors' log-sum-exp, if there is any
     */
    CpuBatch(CpuAttention backend, BatchTensors tensors, @Nullable ByteBuffer lse, BatchRun run) {
        this.backend = backend;
        this.tensors = tensors;
        this.lse = lse;
        this.run = run;
    }

    @Override
    public AttentionSpec spec() {
        return tensors.spec();
    }

    @Override
    public PagedBatch pages() {
        return tensors.pages();
    }

    @Override
    public ByteBuffer queries() {
        return tensors.queries();
    }

    @Override
    public ByteBuffer keys() {
        return tensors.keys();
    }

    @Override
    public ByteBuffer values() {
        return tensors.values();
    }

    @Override
    public void start() {
        requireState(State.OPEN, "started");
        state = State.STARTED;
        backend.help(run);
    }

    @Override
    public AttentionOutput await() {
        if (state != State.DONE) {
            requireState(State.STARTED, "awaited");
            run.finish();
            state = State.DONE;
        }
        return new AttentionOutput(tensors.output(), false, tensors.lse());
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        try {
            run.cancel();
        } finally {
            backend.release(tensors, lse);
        }
    }

    private void requireState(State required, String what) {
        if (state != required) {
            throw new IllegalStateException(
                    "batch cannot be " + what + " when it is " + state + ": open, write, start, await, close");
        }
    }
}
