package org.pagedattention.attention;

import org.pagedattention.paging.PagedBatch;

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
     * Takes memory for one batch. Its input buffers hold garbage until the caller writes them.
     *
     * @param wantLse whether the log-sum-exp is wanted beside the output
     * @throws IllegalArgumentException when this backend cannot compute {@code spec}; the message says what to change
     */
    AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse);

    /** Frees what the backend holds. */
    @Override
    void close();
}
