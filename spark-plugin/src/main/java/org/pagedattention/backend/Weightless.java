package org.pagedattention.backend;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** Holds no number and computes nothing: for looking at a folder as closely as whoever loads it. */
public final class Weightless implements ModelBackend {
    private final Map<ElementType, Long> weights = new EnumMap<>(ElementType.class);
    private final Map<ElementType, Long> tables = new EnumMap<>(ElementType.class);

    private record Nothing(Shape shape) implements Weight {
        @Override
        public void close() {}
    }

    @Override
    public String name() {
        return "none";
    }

    @Override
    public Weight hold(ElementType type, Shape shape, ByteBuffer bytes) {
        weights.merge(type, shape.elements(), Long::sum);
        return new Nothing(shape);
    }

    @Override
    public Weight holdTable(StoredRows rows, float factor) {
        tables.merge(rows.type(), rows.shape().elements(), Long::sum);
        return new Nothing(rows.shape());
    }

    /** How many numbers {@link #hold} was given, by how they are stored. */
    public Map<ElementType, Long> weights() {
        return new EnumMap<>(weights);
    }

    /** How many numbers {@link #holdTable} was given, by how they are stored. */
    public Map<ElementType, Long> tables() {
        return new EnumMap<>(tables);
    }

    @Override
    public long heldBytes() {
        return 0;
    }

    @Override
    public int passTokens() {
        return 0;
    }

    @Override
    public Pass begin(PagedBatch pages, @Nullable KeptTokens past) {
        throw new IllegalStateException("a model was opened to be looked at, and is asked to compute");
    }

    @Override
    public void close() {}
}
