package org.pagedattention.columns;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pagedattention.executor.ScoredRows;

/** The scored rows of one file image, in host memory, in their order. */
public final class EncodedImage implements AutoCloseable {
    private final Deque<EncodedRows> parts = new ArrayDeque<>();
    private ScoredRows figures = ScoredRows.NONE;

    /** What was scored. */
    public ScoredRows figures() {
        return figures;
    }

    /** Appends all rows to {@code file}, and frees each part's memory when it is written. */
    public void moveTo(EncodedFile file) throws IOException {
        while (!parts.isEmpty()) {
            try (EncodedRows next = parts.remove()) {
                next.appendTo(file);
            }
        }
    }

    void add(EncodedRows part, ScoredRows scored) {
        parts.add(part);
        figures = figures.plus(scored);
    }

    void countSplits(long count) {
        figures = figures.withSplits(count);
    }

    /** Rows that are scored. */
    long rows() {
        return figures.sequences();
    }

    @Override
    public void close() {
        parts.forEach(EncodedRows::close);
        parts.clear();
    }
}
