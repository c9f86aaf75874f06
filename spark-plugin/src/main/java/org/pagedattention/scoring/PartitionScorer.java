package org.pagedattention.scoring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.pagedattention.attention.DeviceMemoryException;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.SequenceBatcher;

/**
 * Scores one partition as it is read: rows come in by windows of a few batches, go out in their own order, and no more
 * than two windows are held at once, however large the partition is.
 */
final class PartitionScorer implements Iterator<InternalRow>, AutoCloseable {
    /** Rows are batched by length within a window of this many batches. */
    private static final int WINDOW_BATCHES = 2;
    /** Batches on the backend at once, so that one can be packed while another runs. */
    private static final int IN_FLIGHT = 2;

    private final Iterator<InternalRow> rows;
    private final RowReader reader;
    private final SequenceBatcher batcher;
    private final BatchLimits limits;
    private final BatchRunner runner;
    private final BadRows badRows;
    private final ScoringCounters counters;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final Deque<BatchRunner.Running> running = new ArrayDeque<>();
    private int lastWindow;

    PartitionScorer(
            Iterator<InternalRow> rows,
            RowReader reader,
            SequenceBatcher batcher,
            BatchLimits limits,
            BatchRunner runner,
            BadRows badRows,
            ScoringCounters counters) {
        this.rows = rows;
        this.reader = reader;
        this.batcher = batcher;
        this.limits = limits;
        this.runner = runner;
        this.badRows = badRows;
        this.counters = counters;
    }

    @Override
    public boolean hasNext() {
        while (true) {
            Sequence head = waiting.peek();
            if (head == null && !rows.hasNext()) {
                badRows.finish();
                return false;
            }
            if (head == null || !head.isDone()) {
                advance();
            } else if (head.results() == null) {
                waiting.remove();
            } else {
                return true;
            }
        }
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Sequence head = waiting.remove();
        return new JoinedRow(head.carried(), Objects.requireNonNull(head.results()));
    }

    /** Brings the first waiting sequence nearer to its result. */
    private void advance() {
        // a window is read while the last batches of the one before it still run
        boolean roomForWindow = waiting.size() <= lastWindow;
        if (roomForWindow && rows.hasNext()) {
            startWindow();
        } else {
            runner.finish(running.remove());
        }
    }

    private void startWindow() {
        List<Sequence> window = readWindow();
        lastWindow = window.size();
        waiting.addAll(window);
        List<Sequence> good =
                window.stream().filter(sequence -> !sequence.isDone()).toList();
        for (List<Integer> batch :
                batcher.batches(good.stream().map(Sequence::lengths).toList())) {
            while (running.size() >= IN_FLIGHT) {
                runner.finish(running.remove());
            }
            start(batch.stream().map(good::get).toList());
        }
    }

    private void start(List<Sequence> batch) {
        try {
            running.add(runner.start(batch));
        } catch (DeviceMemoryException e) {
            // what this task has under way holds memory too
            while (!running.isEmpty()) {
                runner.finish(running.remove());
            }
            runner.runInParts(batch);
        }
    }

    private List<Sequence> readWindow() {
        List<Sequence> window = new ArrayList<>();
        long bytes = 0;
        long tokens = 0;
        while (rows.hasNext()
                && window.size() < WINDOW_BATCHES * limits.maxSequences()
                && bytes < WINDOW_BATCHES * limits.maxBytes()
                && tokens < WINDOW_BATCHES * limits.maxTokens()) {
            Sequence sequence = reader.read(rows.next());
            window.add(sequence);
            bytes += batcher.bytes(sequence.lengths());
            tokens += sequence.lengths().tokens();
        }
        counters.countRows(window.size());
        return window;
    }

    /** Gives up what is still under way. */
    @Override
    public void close() {
        while (!running.isEmpty()) {
            running.remove().batch().close();
        }
    }
}
