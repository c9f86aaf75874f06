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
import org.pagedattention.executor.Stage;

/**
 * Scores one partition as it is read: rows go into a batch one by one, come out in their own order, and no more than
 * two batches are held at once, however large the partition is. What a row is, only the workload knows.
 */
final class RowPipeline<I> implements Iterator<InternalRow>, AutoCloseable {
    /** Batches that hold memory at once, so that one can be filled while another runs. */
    private static final int BATCHES = 2;

    private final Iterator<InternalRow> rows;
    private final TaskParts<I> task;
    private final RowCopies copies;
    private final Deque<PendingRow<I>> waiting = new ArrayDeque<>();
    private final Deque<FilledBatch<I>> running = new ArrayDeque<>();
    private @Nullable FilledBatch<I> filling;
    /** Read, but in no batch yet; the next row may be read only when it is. */
    private @Nullable PendingRow<I> pending;

    private long rowNumber;

    RowPipeline(Iterator<InternalRow> rows, TaskParts<I> task) {
        this.rows = rows;
        this.task = task;
        copies = new RowCopies(task.layout());
    }

    @Override
    public boolean hasNext() {
        task.figures().enter(Stage.READ);
        try {
            while (true) {
                PendingRow<I> head = waiting.peek();
                if (head == null && !hasInput()) {
                    task.badRows().finish();
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
            task.figures().enter(Stage.WRITE);
        }
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        PendingRow<I> head = waiting.remove();
        return new JoinedRow(head.carried(), Objects.requireNonNull(head.results()));
    }

    private boolean hasInput() {
        return pending != null || rows.hasNext();
    }

    /** Brings the first waiting row nearer to its result. */
    private void advance() {
        if (running.size() < BATCHES && hasInput()) {
            fill();
            startFilled();
        } else {
            finishFirst();
        }
    }

    /** Reads rows until a batch is full or there are no more. */
    private void fill() {
        int most = task.workload().mostRows();
        for (int taken = 0; taken < most && hasInput(); taken++) {
            PendingRow<I> row = pending == null ? read() : pending;
            pending = row;
            if (!row.isDone()) {
                if (filling == null) {
                    filling = open(row);
                }
                if (!filling.takes(row)) {
                    return;
                }
                filling.add(row);
            }
            pending = null;
            waiting.add(row);
        }
    }

    private PendingRow<I> read() {
        InternalRow input = rows.next();
        task.figures().countRow();
        Stage before = task.figures().enter(Stage.PACK);
        PendingRow<I> row = new PendingRow<>(
                copies.carried(input), rowNumber++, task.badRows().wantWholeRows() ? copies.whole(input) : null);
        try {
            I item = task.workload().read(input);
            if (item == null) {
                row.complete(task.layout().blank());
            } else {
                row.hold(item);
            }
        } catch (BadRow e) {
            task.badRows().refuse(row, e);
        }
        task.figures().enter(before);
        return row;
    }

    private FilledBatch<I> open(PendingRow<I> first) {
        try {
            return FilledBatch.open(task, first);
        } catch (DeviceMemoryException e) {
            finishAll();
            return FilledBatch.open(task, first);
        }
    }

    private void startFilled() {
        FilledBatch<I> batch = filling;
        if (batch == null) {
            return;
        }
        if (!batch.isEmpty()) {
            try {
                batch.start();
                running.add(batch);
                filling = null;
                return;
            } catch (DeviceMemoryException e) {
                finishAll();
                batch.runInParts();
            }
        }
        filling = null;
        batch.close();
    }

    /** What this task has under way holds memory too. */
    private void finishAll() {
        while (!running.isEmpty()) {
            finishFirst();
        }
    }

    private void finishFirst() {
        try (FilledBatch<I> first = running.remove()) {
            first.finish();
        }
    }

    /** Gives up what is still under way. */
    @Override
    public void close() {
        task.figures().finish();
        try (FilledBatch<I> unfinished = filling) {
            filling = null;
            while (!running.isEmpty()) {
                running.remove().close();
            }
        }
    }
}
