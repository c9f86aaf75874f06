package org.pagedattention.scoring;

import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.paging.SequenceLengths;

/** One row on its way through a partition: its carried columns all the time, its tensors until they are in a batch. */
final class Sequence {
    private final InternalRow carried;
    private final long rowNumber;
    private final SequenceLengths lengths;
    private @Nullable UnsafeRow whole;
    private @Nullable Tensors tensors;
    private @Nullable InternalRow results;
    private boolean dropped;

    /** The three tensors of a row. */
    record Tensors(TensorRef q, TensorRef k, TensorRef v) {}

    /**
     * @param carried the carried columns, owning their memory
     * @param rowNumber position in the partition, from 0
     * @param whole the whole input row, owning its memory; null where nobody will want it
     */
    Sequence(InternalRow carried, long rowNumber, SequenceLengths lengths, @Nullable UnsafeRow whole) {
        this.carried = carried;
        this.rowNumber = rowNumber;
        this.lengths = lengths;
        this.whole = whole;
    }

    InternalRow carried() {
        return carried;
    }

    long rowNumber() {
        return rowNumber;
    }

    SequenceLengths lengths() {
        return lengths;
    }

    /** Where the tensors are now: in the row that was read last, or in a batch. */
    Tensors tensors() {
        return Objects.requireNonNull(tensors, "a bad row has no tensors");
    }

    /** Says where the tensors are from now on. */
    void moved(Tensors now) {
        tensors = now;
    }

    /** The whole input row. */
    UnsafeRow whole() {
        return Objects.requireNonNull(whole, "the input of this sequence was let go");
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
        tensors = null;
    }
}
