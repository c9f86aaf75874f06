package org.pagedattention.scoring;

import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.executor.Tally;

/**
 * Items that are worked on at once: {@link #add} them, {@link #start}, {@link #await}, take each {@link #result}, close.
 * For one thread. The pipeline holds two batches at a time, so that one is filled while the other is at work.
 */
public interface Batch<I> extends AutoCloseable {

    /** Whether there is room for an item beside those that are there. The first one always finds room. */
    boolean takes(I item);

    /**
     * Adds an item that there is room for, copying what it needs of the item's row.
     *
     * @return whether it is in the batch now; otherwise it is one for {@link Workload#alone}
     * @throws BadRow when it cannot be scored; it is not in the batch then
     */
    boolean add(I item) throws BadRow;

    /**
     * A batch of its own of the items from {@code from} up to {@code to}, counted from 0; this one outlives it.
     *
     * @throws DeviceMemoryException when there is too little memory now
     */
    Batch<I> part(int from, int to);

    /**
     * Starts the work; returns at once where the device works by itself. May be called again after memory ran out.
     *
     * @throws DeviceMemoryException when there is too little memory now
     */
    void start();

    /**
     * Waits for the work.
     *
     * @throws DeviceMemoryException when there was too little memory
     */
    void await();

    /**
     * The result columns of one item, as Spark's rows hold them inside.
     *
     * @throws BadRow when the item has no result, such as after an overflow
     */
    Object[] result(int index) throws BadRow;

    /** How large one item is, in words, such as "512 tokens". */
    String size(int index);

    /** What was done, once all results were taken. */
    Tally tally();

    /** Gives all memory back, also while there is work under way. */
    @Override
    void close();
}
