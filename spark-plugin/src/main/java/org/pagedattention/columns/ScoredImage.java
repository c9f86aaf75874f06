package org.pagedattention.columns;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;

/** The scored rows of one file image, in host memory, in their order, and what scoring them took. */
public final class ScoredImage implements AutoCloseable {
    private final Deque<EncodedRows> parts = new ArrayDeque<>();
    private final Tally tally = new Tally();
    private final StageTimes times;

    /**
     * @param times of the thread that scores it
     */
    ScoredImage(StageTimes times) {
        this.times = times;
    }

    /** What was scored. */
    public Tally tally() {
        return tally;
    }

    /** Where the time of the thread that scored it went. */
    public StageTimes times() {
        return times;
    }

    /** Appends all rows to {@code file}, and frees each part's memory when it is written. */
    public void moveTo(EncodedFile file) throws IOException {
        while (!parts.isEmpty()) {
            try (EncodedRows next = parts.remove()) {
                next.appendTo(file);
            }
        }
    }

    void add(EncodedRows part) {
        parts.add(part);
        tally.add(part.tally());
    }

    /** Counts how often memory ran out and smaller parts were tried. */
    void countSplits(long count) {
        tally.add(Figure.SPLITS, count).add(Figure.RETRIES, count);
    }

    /** Rows that are scored. */
    long rows() {
        return tally.get(Figure.SEQUENCES);
    }

    @Override
    public void close() {
        parts.forEach(EncodedRows::close);
        parts.clear();
    }
}
