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
    private @Nullable Source source;
    private @Nullable InternalRow results;
    private boolean dropped;

    /** The input row and the three tensors in it, which a row without a problem has. */
    record Source(UnsafeRow row, @Nullable Tensors tensors) {}

    /** The three tensors of a row. */
    record Tensors(TensorRef q, TensorRef k, TensorRef v) {}

    /**
     * @param carried the carried columns, owning their memory
     * @param rowNumber position in the partition, from 0
     */
    Sequence(InternalRow carried, long rowNumber, SequenceLengths lengths, Source source) {
        this.carried = carried;
        this.rowNumber = rowNumber;
        this.lengths = lengths;
        this.source = source;
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

    Tensors tensors() {
        return Objects.requireNonNull(source().tensors(), "a bad row has no tensors");
    }

    /** The input row, owning its memory. */
    UnsafeRow row() {
        return source().row();
    }

    private Source source() {
        return Objects.requireNonNull(source, "the input of this sequence was let go");
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
        source = null;
    }

    /** Takes the row out of the run. */
    void drop() {
        dropped = true;
        source = null;
    }
}
