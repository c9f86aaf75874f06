package org.pagedattention.jobs.bench.model;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** Another backend, whose linear layers' numbers are counted. */
final class CountingBackend implements ModelBackend {
    private final ModelBackend backend;
    private long linear;

    CountingBackend(ModelBackend backend) {
        this.backend = backend;
    }

    /** Numbers of all matrices that tokens are multiplied with. */
    long linearNumbers() {
        return linear;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public Weight hold(ElementType type, Shape shape, ByteBuffer bytes) {
        linear += shape.rank() == 2 ? shape.elements() : 0;
        return backend.hold(type, shape, bytes);
    }

    @Override
    public Weight holdTable(StoredRows rows, float factor) {
        return backend.holdTable(rows, factor);
    }

    @Override
    public long heldBytes() {
        return backend.heldBytes();
    }

    @Override
    public int passTokens() {
        return backend.passTokens();
    }

    @Override
    public boolean worksByItself() {
        return backend.worksByItself();
    }

    @Override
    public Pass begin(PagedBatch pages, @Nullable KeptTokens past) {
        return backend.begin(pages, past);
    }

    @Override
    public void close() {
        backend.close();
    }
}
