package org.pagedattention.scoring.sequences;

import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PagedBatch;

/** Attention over the inputs of one batch, from their memory to the output. For one thread. */
public final class AttentionRun implements AutoCloseable {
    private final AttentionBackend backend;
    private final AttentionSpec spec;
    private final BatchInputs inputs;
    private @Nullable AttentionBatch running;
    private @Nullable AttentionOutput output;

    /**
     * Takes memory for inputs.
     *
     * @param pageSize tokens of a page
     * @param queryTokens that there is room for
     * @param slots of each container that sequences may take
     */
    public AttentionRun(AttentionBackend backend, AttentionSpec spec, int pageSize, int queryTokens, int slots) {
        this.backend = backend;
        this.spec = spec;
        // the last page may run behind the last token
        inputs = backend.inputs(spec, queryTokens, slots + pageSize);
    }

    public BatchInputs inputs() {
        return inputs;
    }

    /**
     * Starts; may be called again after memory ran out.
     *
     * @param owned the pages that tokens were written to, each once
     * @param pages what is computed, in the same pages
     */
    public void start(PagedBatch owned, PagedBatch pages, boolean wantLse) {
        int width = spec.type().bytes();
        int keyBytes = spec.keyElements() * width;
        int valueBytes = spec.valueElements() * width;
        new Container(owned, owned.keyTable(), inputs.keys(), keyBytes).zeroTails();
        new Container(owned, owned.valueTable(), inputs.values(), valueBytes).zeroTails();
        running = backend.open(spec, pages, wantLse, inputs);
        orStop(() -> running().start());
    }

    public void await() {
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

    public AttentionOutput output() {
        if (output == null) {
            throw new IllegalStateException("nobody waited for this batch");
        }
        return output;
    }

    /** What is computed. */
    public PagedBatch pages() {
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
