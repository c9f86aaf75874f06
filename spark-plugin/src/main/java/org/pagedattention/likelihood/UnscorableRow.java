package org.pagedattention.likelihood;

/** Why a row has no log-likelihood. */
public final class UnscorableRow extends Exception {
    private static final long serialVersionUID = 1;

    private final String expected;
    private final String found;

    /**
     * @param reason what is wrong
     * @param expected what would do
     * @param found what is there instead
     */
    UnscorableRow(String reason, String expected, String found) {
        // tables may be full of such rows: none costs a stack trace
        super(reason, null, false, false);
        this.expected = expected;
        this.found = found;
    }

    public String reason() {
        return String.valueOf(getMessage());
    }

    public String expected() {
        return expected;
    }

    public String found() {
        return found;
    }
}
