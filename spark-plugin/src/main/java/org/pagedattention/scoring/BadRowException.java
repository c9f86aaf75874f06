package org.pagedattention.scoring;

/** A row that cannot be scored; the message names the row, what is wrong, what was expected and what was found, and how
 * to go on. */
public final class BadRowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadRowException(String row, BadRow reason) {
        super("bad row " + row + ": " + reason.message()
                + "; spark.pagedAttention.onBadRow says how to go on without such rows; if all"
                + " are such, see that the options say what the table holds");
    }
}
