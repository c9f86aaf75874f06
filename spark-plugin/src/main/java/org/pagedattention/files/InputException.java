package org.pagedattention.files;

/** Thrown where rows of a table would be left out, or read that do not count; the message names the file and the cure. */
public final class InputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** Says what is wrong with the input. */
    public InputException(String message) {
        super(message);
    }
}
