package org.pagedattention.scoring;

import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/** One row on its way through a partition: its carried columns all the time, its item until that is in a batch. */
final class PendingRow<I> {
    private final InternalRow carried;
    private final long rowNumber;
    private @Nullable UnsafeRow whole;
    private @Nullable I item;
    private @Nullable InternalRow results;
    private boolean dropped;

    /**
     * @param carried the carried columns, owning their memory
     * @param rowNumber position in the partition, from 0
     * @param whole the whole input row, owning its memory; null where nobody will want it
     */
    PendingRow(InternalRow carried, long rowNumber, @Nullable UnsafeRow whole) {
        this.carried = carried;
        this.rowNumber = rowNumber;
        this.whole = whole;
    }

    InternalRow carried() {
        return carried;
    }

    long rowNumber() {
        return rowNumber;
    }

    /** What the workload made of the row. */
    I item() {
        return Objects.requireNonNull(item, "this row is in a batch already");
    }

    void hold(I read) {
        item = read;
    }

    /** Lets the item go, which may hold on to the memory of the whole input row. */
    void letItemGo() {
        item = null;
    }

    /** The whole input row. */
    UnsafeRow whole() {
        return Objects.requireNonNull(whole, "the input of this row was let go");
    }

    /** The result columns; null until they are there. */
    @Nullable
    InternalRow results() {
        return results;
    }

    /** Whether nothing more is to be done: there are results, or the row is out of the run. */
    boolean isDone() {
        return results != null || dropped;
    }

    /** Keeps the results and lets the input go. */
    void complete(InternalRow row) {
        results = row;
        forget();
    }

    /** Takes the row out of the run. */
    void drop() {
        dropped = true;
        forget();
    }

    private void forget() {
        whole = null;
        item = null;
    }
}
