package org.pagedattention.backend;

/** Attention under way over tensors in device memory, which must stay until this is closed. */
public interface DeviceBatch extends AutoCloseable {

    /** Whether the tensors are worked on where they lie; otherwise they were copied within the device first. */
    boolean inPlace();

    /** Waits until the results are written; a second call does nothing. */
    @Override
    void close();
}
