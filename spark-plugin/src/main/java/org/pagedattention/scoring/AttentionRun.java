package org.pagedattention.scoring;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.request.Emit;

/** Attention over the inputs of one batch, from their memory to the output. For one thread. */
final class AttentionRun implements AutoCloseable {
    private final AttentionWorkload workload;
    private final BatchInputs inputs;
    private @Nullable AttentionBatch running;
    private @Nullable AttentionOutput output;

    /**
     * Takes memory for inputs.
     *
     * @param queryTokens that there is room for
     * @param slots of each container that sequences may take
     */
    AttentionRun(AttentionWorkload workload, int queryTokens, int slots) {
        this.workload = workload;
        // the last page may run behind the last token
        inputs = workload.backend().inputs(workload.spec(), queryTokens, slots + workload.pageSize());
    }

    BatchInputs inputs() {
        return inputs;
    }

    /**
     * Starts; may be called again after memory ran out.
     *
     * @param owned the pages that tokens were written to, each once
     * @param pages what is computed, in the same pages
     */
    void start(PagedBatch owned, PagedBatch pages) {
        int width = workload.spec().type().bytes();
        int keyBytes = workload.spec().keyElements() * width;
        int valueBytes = workload.spec().valueElements() * width;
        new Container(owned, owned.keyTable(), inputs.keys(), keyBytes).zeroTails();
        new Container(owned, owned.valueTable(), inputs.values(), valueBytes).zeroTails();
        boolean wantLse = workload.plan().options().emit().contains(Emit.LSE);
        running = workload.backend().open(workload.spec(), pages, wantLse, inputs);
        orStop(() -> running().start());
    }

    void await() {
        orStop(() -> output = running().await());
    }

    /** What failed holds no memory while it waits to be tried again. */
    private void orStop(Runnable step) {
        try {
            step.run();
        } catch (Throwable t) {
            stop();
            throw t;
        }
    }

    AttentionOutput output() {
        if (output == null) {
            throw new IllegalStateException("nobody waited for this batch");
        }
        return output;
    }

    /** What is computed. */
    PagedBatch pages() {
        return running().pages();
    }

    private AttentionBatch running() {
        if (running == null) {
            throw new IllegalStateException("this batch was not started");
        }
        return running;
    }

    private void stop() {
        AttentionBatch started = running;
        running = null;
        output = null;
        if (started != null) {
            started.close();
        }
    }

    @Override
    public void close() {
        try (inputs) {
            stop();
        }
    }
}
