package org.pagedattention.backend;

import org.pagedattention.tensor.Shape;

/**
 * Numbers of a model that stay where a backend computes, for as long as the model is loaded. Any number of passes may
 * use it at once.
 */
public interface Weight extends AutoCloseable {

    Shape shape();

    /** Gives the memory back; no pass may use it any more. */
    @Override
    void close();
}
