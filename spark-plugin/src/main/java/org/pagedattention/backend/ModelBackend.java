package org.pagedattention.backend;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/**
 * Runs whole models over batches of sequences: holds their weights, and computes passes. Safe for use by several threads
 * at once; each pass belongs to one thread at a time. Passes are closed before weights, and weights before the backend.
 */
public interface ModelBackend extends AutoCloseable {

    /** The name used in options, such as {@code cpu} or {@code cudnn}. */
    String name();

    /**
     * Takes a copy of a tensor of the checkpoint.
     *
     * @param type how {@code bytes} are stored
     * @param shape {@code [out, in]} of what {@link Pass#linear} multiplies with, {@code [columns]} of gains and biases
     * @param bytes little-endian, row after row, from the buffer's position on
     */
    Weight hold(ElementType type, Shape shape, ByteBuffer bytes);

    /**
     * Takes a table for {@link Pass#lookup}, or keeps to where it is stored.
     *
     * @param rows {@code [rows, columns]}
     * @param factor what every number is multiplied with
     */
    Weight holdTable(StoredRows rows, float factor);

    /** Bytes that {@link #hold} and {@link #holdTable} took and nobody gave back. */
    long heldBytes();

    /** Bytes of keys and values that passes have left to later ones. */
    default long keptBytes() {
        return 0;
    }

    /** Tokens of a pass beyond which it does not get faster, and only takes more memory. */
    int passTokens();

    /** Whether passes are computed while the thread that started them does something else. */
    default boolean worksByItself() {
        return false;
    }

    /**
     * Begins a pass over the sequences of {@code pages}: its query tokens are the tokens to compute, and its tables say
     * which rows of a layer's keys and values each sequence sees.
     */
    default Pass begin(PagedBatch pages) {
        return begin(pages, null);
    }

    /**
     * The same behind tokens that an earlier pass has left.
     *
     * @param past what has the first token slots of every attention; null for nothing
     * @throws org.pagedattention.device.DeviceMemoryException when it was given up since, as starting such a pass may too
     */
    Pass begin(PagedBatch pages, @Nullable KeptTokens past);

    /**
     * Prepares for passes like the one that {@code work} queues, none of which is computed, and returns before it is done:
     * a backend that builds kernels for the shapes of a pass begins to.
     *
     * @param pages sequences such as may come
     */
    default void prepare(PagedBatch pages, Consumer<Pass> work) {}

    /** Frees what the backend holds. */
    @Override
    void close();
}
