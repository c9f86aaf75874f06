package org.pagedattention.backend.reference;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.RowTable;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** Whole models in fp64, in the thread of whoever runs a pass. */
public final class ReferenceModels implements ModelBackend {
    private static final int PASS_TOKENS = 512;

    private final AtomicLong held = new AtomicLong();
    private final double lead;

    /** A token is the most probable one as {@link Pass#logProbs} says. */
    public ReferenceModels() {
        this(0);
    }

    /**
     * One for what is nearly a tie: a token is the most probable one where its logit is larger than all others by {@code
     * lead} at least; where that is negative, smaller than the largest by as much at most.
     */
    public ReferenceModels(double lead) {
        this.lead = lead;
    }

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Weight hold(ElementType type, Shape shape, ByteBuffer bytes) {
        int elements = Math.toIntExact(shape.elements());
        if (bytes.remaining() != elements * (long) type.bytes()) {
            throw new IllegalArgumentException(
                    bytes.remaining() + " bytes for a tensor " + shape + " of " + type + " are not its size");
        }
        float[] stored = new float[elements];
        type.read(bytes, bytes.position(), stored, elements);
        return new ReferenceWeight(shape, stored, held);
    }

    @Override
    public Weight holdTable(StoredRows rows, float factor) {
        return new RowTable(rows, factor);
    }

    @Override
    public long heldBytes() {
        return held.get();
    }

    @Override
    public int passTokens() {
        return PASS_TOKENS;
    }

    @Override
    public Pass begin(PagedBatch pages, @Nullable KeptTokens past) {
        return new ReferencePass(pages, new ReferenceHistory((ReferenceKept) past), lead);
    }

    @Override
    public void close() {}
}
