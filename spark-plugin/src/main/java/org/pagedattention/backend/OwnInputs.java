package org.pagedattention.backend;

import java.nio.ByteBuffer;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;

/** A batch with the inputs that were taken for it alone, and that go with it. */
final class OwnInputs implements AttentionBatch {
    private final AttentionBatch batch;
    private final BatchInputs inputs;
    private boolean open = true;

    private OwnInputs(AttentionBatch batch, BatchInputs inputs) {
        this.batch = batch;
        this.inputs = inputs;
    }

    static AttentionBatch open(AttentionBackend backend, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        BatchInputs inputs = backend.inputs(spec, pages.queryTokens(), pages.containerTokens());
        try {
            return new OwnInputs(backend.open(spec, pages, wantLse, inputs), inputs);
        } catch (RuntimeException | Error e) {
            inputs.close();
            throw e;
        }
    }

    @Override
    public AttentionSpec spec() {
        return batch.spec();
    }

    @Override
    public PagedBatch pages() {
        return batch.pages();
    }

    @Override
    public ByteBuffer queries() {
        return batch.queries();
    }

    @Override
    public ByteBuffer keys() {
        return batch.keys();
    }

    @Override
    public ByteBuffer values() {
        return batch.values();
    }

    @Override
    public void start() {
        batch.start();
    }

    @Override
    public AttentionOutput await() {
        return batch.await();
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            try (inputs) {
                batch.close();
            }
        }
    }
}
