package org.pagedattention.scoring;

import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.paging.SequenceLengths;

/** One row on its way through a partition: its carried columns all the time, its tensors until they are in a batch. */
final class Sequence {
    private final InternalRow carried;
    private final long rowNumber;
    private final SequenceLengths lengths;
    private @Nullable Tensors tensors;
    private @Nullable InternalRow results;

    /** The three tensors of a row. */
    record Tensors(TensorRef q, TensorRef k, TensorRef v) {}

    /**
     * @param carried the carried columns, owning their memory
     * @param rowNumber position in the partition, from 0
     */
    Sequence(InternalRow carried, long rowNumber, SequenceLengths lengths, @Nullable Tensors tensors) {
        this.carried = carried;
        this.rowNumber = rowNumber;
        this.lengths = lengths;
        this.tensors = tensors;
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
        if (tensors == null) {
            throw new IllegalStateException("the tensors of this sequence were let go");
        }
        return tensors;
    }

    /** The result columns; null until they are there. */
    @Nullable
    InternalRow results() {
        return results;
    }

    /** Keeps the results and lets the tensors go. */
    void complete(InternalRow row) {
        results = row;
        tensors = null;
    }
}
