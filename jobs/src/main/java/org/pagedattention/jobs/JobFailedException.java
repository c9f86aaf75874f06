package org.pagedattention.jobs;

/** A job that ran and cannot call itself done; the message is for people. */
final class JobFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JobFailedException(String message) {
        super(message);
    }
}
