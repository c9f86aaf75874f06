package org.pagedattention.scoring;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;

/**
 * Scores one partition as it is read: rows go into a batch one by one, come out in their own order, and no more than
 * two batches are held at once, however large the partition is.
 */
final class PartitionScorer implements Iterator<InternalRow>, AutoCloseable {
    /** Batches that hold memory at once, so that one can be filled while another runs. */
    private static final int BATCHES = 2;

    private final Iterator<InternalRow> rows;
    private final RowReader reader;
    private final int mostRows;
    private final BatchRunner runner;
    private final BadRows badRows;
    private final ScoringCounters counters;
    private final PhaseClock clock;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final Deque<BatchRunner.Running> running = new ArrayDeque<>();
    private @Nullable InputBatch filling;
    /** Read, but in no batch yet; the next row may be read only when it is. */
    private @Nullable Sequence pending;

    /**
     * @param mostRows rows that one batch may take, bad ones included
     */
    PartitionScorer(
            Iterator<InternalRow> rows,
            RowReader reader,
            int mostRows,
            BatchRunner runner,
            BadRows badRows,
            ScoringCounters counters,
            PhaseClock clock) {
        this.rows = rows;
        this.reader = reader;
        this.mostRows = mostRows;
        this.runner = runner;
        this.badRows = badRows;
        this.counters = counters;
        this.clock = clock;
    }

    @Override
    public boolean hasNext() {
        clock.enter(Phase.READ);
        try {
            while (true) {
                Sequence head = waiting.peek();
                if (head == null && !hasInput()) {
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
        } finally {
            clock.enter(Phase.WRITE);
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

    private boolean hasInput() {
        return pending != null || rows.hasNext();
    }

    /** Brings the first waiting sequence nearer to its result. */
    private void advance() {
        if (running.size() < BATCHES && hasInput()) {
            fill();
            startFilled();
        } else {
            runner.finish(running.remove());
        }
    }

    /** Reads rows until a batch is full or there are no more. */
    private void fill() {
        for (int taken = 0; taken < mostRows && hasInput(); taken++) {
            Sequence sequence = pending == null ? read() : pending;
            pending = sequence;
            if (!sequence.isDone()) {
                if (filling == null) {
                    filling = open(sequence);
                }
                if (!filling.takes(sequence.lengths())) {
                    return;
                }
                pack(filling, sequence);
            }
            pending = null;
            waiting.add(sequence);
        }
    }

    private Sequence read() {
        InternalRow row = rows.next();
        counters.countRow();
        Phase before = clock.enter(Phase.PACK);
        Sequence sequence = reader.read(row);
        clock.enter(before);
        return sequence;
    }

    private void pack(InputBatch batch, Sequence sequence) {
        Phase before = clock.enter(Phase.PACK);
        if (reader.pack(sequence, batch) == Magnitude.LARGE) {
            runner.finishAlone(sequence);
        }
        clock.enter(before);
    }

    private InputBatch open(Sequence first) {
        try {
            return runner.open(first.lengths());
        } catch (DeviceMemoryException e) {
            finishAll();
            return runner.open(first.lengths());
        }
    }

    private void startFilled() {
        InputBatch batch = filling;
        if (batch == null) {
            return;
        }
        if (!batch.sequences().isEmpty()) {
            try {
                running.add(runner.start(batch));
                filling = null;
                return;
            } catch (DeviceMemoryException e) {
                finishAll();
                runner.runInParts(batch);
            }
        }
        filling = null;
        batch.close();
    }

    /** What this task has under way holds memory too. */
    private void finishAll() {
        while (!running.isEmpty()) {
            runner.finish(running.remove());
        }
    }

    /** Gives up what is still under way. */
    @Override
    public void close() {
        clock.enter(Phase.WRITE);
        counters.countTime(clock);
        ExecutorMetrics.add(Figure.ATTENTION_NANOS, clock.nanos(Phase.ATTENTION));
        try (InputBatch unfinished = filling) {
            filling = null;
            while (!running.isEmpty()) {
                running.remove().close();
            }
        }
    }
}
