package org.pagedattention.backend;

import java.util.Optional;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/**
 * Runs attention over batches of paged sequences. Safe for use by several threads at once; each batch belongs to one
 * thread at a time. Every batch must be closed before the backend is.
 */
public interface AttentionBackend extends AutoCloseable {

    /** The name used in options, such as {@code cpu} or {@code cudnn}. */
    String name();

    /** Whether Q, K, V and O may be stored as {@code type}. */
    boolean supports(ElementType type);

    /**
     * The power of two that scaled scores to base 2 must stay below, see {@link AttentionSpec#boundsScores}; sequences
     * with larger ones are the caller's to keep out.
     */
    int scoreExponent();

    /**
     * Takes host memory for inputs, which may be written before anyone knows how many sequences there will be.
     *
     * @param queryTokens tokens of Q that there is room for
     * @param containerTokens token slots of each container that there is room for
     */
    BatchInputs inputs(AttentionSpec spec, int queryTokens, int containerTokens);

    /**
     * Makes a batch of inputs that are written already. They remain the caller's, who closes the batch first.
     *
     * @param wantLse whether the log-sum-exp is wanted beside the output
     * @param inputs memory of this backend's {@link #inputs}, of at least the size that {@code pages} needs
     * @throws IllegalArgumentException when this backend cannot compute {@code spec}; the message says what to change
     */
    AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs);

    /**
     * Takes memory for one batch and its inputs. Its input buffers hold garbage until the caller writes them.
     *
     * @param wantLse whether the log-sum-exp is wanted beside the output
     * @throws IllegalArgumentException when this backend cannot compute {@code spec}; the message says what to change
     */
    default AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        return OwnInputs.open(this, spec, pages, wantLse);
    }

    /**
     * Makes ready what batches like {@code pages} need, so that the first of them does not wait for it.
     *
     * @throws IllegalArgumentException when this backend cannot compute {@code spec}
     */
    default void warmUp(AttentionSpec spec, PagedBatch pages, boolean wantLse) {}

    /** This backend for tensors in device memory; empty when it has no device. */
    default Optional<DeviceAttention> onDevice() {
        return Optional.empty();
    }

    /** What this backend counted so far; any thread may ask at any time. */
    default BackendMetrics metrics() {
        return BackendMetrics.NONE;
    }

    /**
     * Makes the backend's device the current one of the calling thread, for other libraries that the thread may use.
     * The backend's own calls do not need it.
     */
    default void bindThread() {}

    /** Frees what the backend holds. */
    @Override
    void close();
}
