package org.pagedattention.jobs.table;

import org.jspecify.annotations.Nullable;

/** A job that ran and cannot call itself done; the message is for people. */
public final class JobFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JobFailedException(String message) {
        this(message, null);
    }

    public JobFailedException(String message, @Nullable Exception cause) {
        super(message, cause);
    }
}
