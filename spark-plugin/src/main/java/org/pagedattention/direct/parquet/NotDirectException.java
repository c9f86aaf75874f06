package org.pagedattention.direct.parquet;

/** This table cannot take the direct path; the message says what stands in the way and what to do. */
public final class NotDirectException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public NotDirectException(String reason) {
        super(reason);
    }
}
