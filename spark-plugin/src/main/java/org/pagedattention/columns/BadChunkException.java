package org.pagedattention.columns;

/**
 * Some of these rows cannot be scored as they are, or one of them spoils others. Row by row, the row path finds out which
 * and says why.
 */
public final class BadChunkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadChunkException(String reason) {
        super(reason);
    }
}
