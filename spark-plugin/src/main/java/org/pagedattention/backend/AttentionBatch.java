package org.pagedattention.backend;

import java.nio.ByteBuffer;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;

/**
 * One batch on its way through a backend: open, write inputs, {@link #start}, {@link #await}, read, close.
 *
 * <p>All buffers are little-endian, start at position 0 and may be larger than the batch needs. The caller writes every
 * token of every sequence and zeroes the slots that no token owns, because a backend may multiply them by zero.
 */
public interface AttentionBatch extends AutoCloseable {

    AttentionSpec spec();

    PagedBatch pages();

    /** Where Q goes: {@code [query tokens, queryHeads, headDim]}, sequences end to end. */
    ByteBuffer queries();

    /** The K container: {@code [container tokens, kvHeads, headDim]}. */
    ByteBuffer keys();

    /** The V container: {@code [container tokens, kvHeads, valueDim]}. */
    ByteBuffer values();

    /** Starts the work; returns at once where the backend is asynchronous. Inputs must not be written any more. */
    void start();

    /** Waits for the work that {@link #start} began. The result lives until {@link #close}. */
    AttentionOutput await();

    /** Gives the memory back, whatever state the batch is in; a second call does nothing. */
    @Override
    void close();
}
