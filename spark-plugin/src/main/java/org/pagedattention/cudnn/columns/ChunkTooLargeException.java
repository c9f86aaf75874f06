package org.pagedattention.cudnn.columns;

/** A chunk's result would not fit one column, which holds less than 2^31 bytes. */
final class ChunkTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ChunkTooLargeException(long bytes) {
        super("a result column of " + bytes + " bytes is too large: a column holds less than 2^31");
    }
}
