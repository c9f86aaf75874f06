package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.device.Halving;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;

/** A batch and the rows in it, from the first one to the last result, however little memory the device has. */
final class FilledBatch<I> implements AutoCloseable {
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 640;

    private final TaskParts<I> task;
    private final Batch<I> batch;
    private final List<PendingRow<I>> rows;

    private FilledBatch(TaskParts<I> task, Batch<I> batch, List<PendingRow<I>> rows) {
        this.task = task;
        this.batch = batch;
        this.rows = rows;
    }

    /** Takes memory for a batch that begins with this row. */
    static <I> FilledBatch<I> open(TaskParts<I> task, PendingRow<I> first) {
        return new FilledBatch<>(task, task.workload().open(first.item()), new ArrayList<>());
    }

    boolean takes(PendingRow<I> row) {
        return batch.takes(row.item());
    }

    /** Adds a row that there is room for; one that shows now to be bad, or to be no row for a batch, is done behind it. */
    void add(PendingRow<I> row) {
        Stage before = task.figures().enter(Stage.PACK);
        try {
            if (batch.add(row.item())) {
                row.letItemGo();
                rows.add(row);
            } else {
                task.figures().enter(Stage.ATTENTION);
                Outcome outcome = task.workload().alone(row.item());
                task.figures().count(outcome.tally());
                row.complete(task.layout().scored(outcome.results()));
            }
        } catch (BadRow e) {
            task.badRows().refuse(row, e);
        } finally {
            task.figures().enter(before);
        }
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void start() {
        Stage before = task.figures().enter(Stage.ATTENTION);
        try {
            batch.start();
        } finally {
            task.figures().enter(before);
        }
    }

    /** Waits for the batch and gives its rows their results, in parts where the device has too little memory. */
    void finish() {
        try {
            complete();
        } catch (DeviceMemoryException e) {
            runInParts();
        }
    }

    /**
     * Runs the batch to its end, after the device had too little memory for it: as it is, because memory may be free by
     * now, and otherwise in halves. A row that does not fit even alone is a bad row.
     */
    void runInParts() {
        Halving halving = new Halving(this::runAgain, (from, to) -> runAlone(from));
        try {
            halving.run(0, rows.size());
        } finally {
            task.figures().count(Figure.SPLITS, halving.splits());
        }
    }

    private void runAgain(int from, int to) {
        task.figures().count(Figure.RETRIES, 1);
        runPart(from, to);
    }

    private void runPart(int from, int to) {
        if (to - from == rows.size()) {
            run();
            return;
        }
        try (FilledBatch<I> part = new FilledBatch<>(task, batch.part(from, to), rows.subList(from, to))) {
            part.run();
        }
    }

    /** Other tasks may give memory back in a while, so this tries more than once before it gives up. */
    private void runAlone(int index) {
        String problem = "";
        for (long pause = SHORTEST_PAUSE_MILLIS; pause <= LONGEST_PAUSE_MILLIS; pause *= 2) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
            try {
                runPart(index, index + 1);
                return;
            } catch (DeviceMemoryException e) {
                problem = String.valueOf(e.getMessage());
            }
        }
        BadRow tooLarge = new BadRow(
                "the sequence alone takes more memory than the device has free",
                "a sequence that fits",
                batch.size(index) + ": " + problem);
        task.badRows().refuse(rows.get(index), tooLarge);
    }

    private void run() {
        start();
        complete();
    }

    private void complete() {
        Stage before = task.figures().enter(Stage.ATTENTION);
        try {
            batch.await();
            task.figures().enter(Stage.ENCODE);
            for (int i = 0; i < rows.size(); i++) {
                end(rows.get(i), i);
            }
        } finally {
            task.figures().enter(before);
        }
        task.figures().count(batch.tally());
    }

    private void end(PendingRow<I> row, int index) {
        try {
            row.complete(task.layout().scored(batch.result(index)));
        } catch (BadRow e) {
            task.badRows().refuse(row, e);
        }
    }

    @Override
    public void close() {
        batch.close();
    }
}
