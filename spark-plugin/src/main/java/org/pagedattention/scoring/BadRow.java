package org.pagedattention.scoring;

/**
 * Why a row cannot be scored. A workload throws it as soon as it knows; what becomes of the row is not for the workload to
 * decide.
 */
public final class BadRow extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * @param reason what is wrong
     * @param expected what would do, and which option changes that
     * @param found what is there instead
     */
    public BadRow(String reason, String expected, String found) {
        this(reason + "; expected " + expected + ", found " + found);
    }

    private BadRow(String message) {
        // tables may be full of bad rows: none costs a stack trace
        super(message, null, false, false);
    }

    /** The same of something that rows have in common. */
    BadRow of(String what) {
        return new BadRow(what + ": " + message());
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
