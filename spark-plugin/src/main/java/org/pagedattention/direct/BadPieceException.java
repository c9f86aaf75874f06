package org.pagedattention.direct;

import org.pagedattention.direct.parquet.Piece;

/** A piece of a file holds a row that cannot be scored; row by row, the row path says which and why. */
public final class BadPieceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String file;

    BadPieceException(Piece piece, String reason) {
        super(piece.path() + ", bytes " + piece.start() + " to " + (piece.start() + piece.bytes()) + ": " + reason);
        this.file = piece.path();
    }

    /** The file that holds the row. */
    public String file() {
        return file;
    }
}
