package org.pagedattention.scoring;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.device.DeviceMemoryException;

/**
 * What is done to the rows of one task: what each of them is, and what batches of them are made of. The pipeline around
 * it reads rows, keeps their order, does with bad ones what the policy says, and halves batches when memory runs out.
 *
 * @param <I> what a row comes to, such as three tensors, or the tokens of a text
 */
public interface Workload<I> extends AutoCloseable {

    /**
     * The rows that come out again, of all that the task gets; others only bring what those need. Called once, before
     * anything else.
     */
    default Iterator<InternalRow> rows(Iterator<InternalRow> all) {
        return all;
    }

    /** Rows that come out before a batch must be on its way, bad ones included. */
    int mostRows();

    /**
     * Reads one row. The item may use the memory of the row, which lives until the next one is read: it is in a batch by
     * then.
     *
     * @return null for a row that comes out with null results, and is no bad row
     * @throws BadRow when the row cannot be scored
     */
    @Nullable
    I read(InternalRow row) throws BadRow;

    /**
     * Takes memory for a batch that begins with {@code first}, whatever its size; it is not added yet.
     *
     * @throws DeviceMemoryException when there is too little memory now
     */
    Batch<I> open(I first);

    /**
     * Does the work for an item that a batch refused to hold, before the next row is read.
     *
     * @throws BadRow when the item has no result
     */
    default Outcome alone(I item) throws BadRow {
        throw new IllegalStateException("no batch holds " + item);
    }

    /** Gives back what it holds besides its batches, which are closed before. */
    @Override
    default void close() {}
}
