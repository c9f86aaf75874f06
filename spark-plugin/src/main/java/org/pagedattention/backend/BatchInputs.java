package org.pagedattention.backend;

import java.nio.ByteBuffer;

/**
 * Host memory for the inputs of one batch, of the kind that its backend reads. All buffers are little-endian and start
 * at position 0; what they hold is garbage until somebody writes it.
 */
public interface BatchInputs extends AutoCloseable {

    /** Room for Q, {@code [query tokens, queryHeads, headDim]}. */
    ByteBuffer queries();

    /** Room for the K container, {@code [container tokens, kvHeads, headDim]}. */
    ByteBuffer keys();

    /** Room for the V container, {@code [container tokens, kvHeads, valueDim]}. */
    ByteBuffer values();

    /** Gives the memory back; once, and only when no batch uses it any more. */
    @Override
    void close();
}
