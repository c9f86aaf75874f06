package org.pagedattention.jobs;

import org.jspecify.annotations.Nullable;

/** A job that ran and cannot call itself done; the message is for people. */
final class JobFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JobFailedException(String message) {
        this(message, null);
    }

    JobFailedException(String message, @Nullable Exception cause) {
        super(message, cause);
    }
}
