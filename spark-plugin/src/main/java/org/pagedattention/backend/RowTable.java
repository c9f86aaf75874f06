package org.pagedattention.backend;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** A table on the host, as it lies in the checkpoint: of a mapped file no byte is copied before a row is asked for. */
public final class RowTable implements Weight {
    /** A buffer holds less than 2^31 bytes; some tables are larger. */
    private static final long PIECE_BYTES = 1 << 30;

    private final ElementType type;
    private final Shape shape;
    private final float factor;
    private final int rowsOfPiece;
    private final List<ByteBuffer> pieces = new ArrayList<>();

    /**
     * @param factor what every number is multiplied with
     */
    public RowTable(StoredRows stored, float factor) {
        type = stored.type();
        shape = stored.shape();
        this.factor = factor;
        rowsOfPiece = (int) Math.max(1, PIECE_BYTES / ((long) shape.columns() * type.bytes()));
        for (int row = 0; row < shape.rows(); row += rowsOfPiece) {
            pieces.add(stored.rows(row, Math.min(rowsOfPiece, shape.rows() - row)));
        }
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** Copies one row to the start of {@code target}. */
    public void read(int row, float[] target) {
        int columns = shape.columns();
        type.read(pieces.get(row / rowsOfPiece), row % rowsOfPiece * columns * type.bytes(), target, columns);
        for (int i = 0; factor != 1 && i < columns; i++) {
            target[i] *= factor;
        }
    }

    /** The mapping goes when nobody knows it any more. */
    @Override
    public void close() {}
}
