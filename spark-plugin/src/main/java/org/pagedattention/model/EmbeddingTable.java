package org.pagedattention.model;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.ElementType;

/**
 * A table of rows that tokens choose from, as it lies in the checkpoint: the host gathers them while it packs a batch, so
 * a backend never holds the table.
 */
final class EmbeddingTable {
    /** A buffer holds less than 2^31 bytes; some tables are larger. */
    private static final long PIECE_BYTES = 1 << 30;

    private final ElementType type;
    private final int rows;
    private final int columns;
    private final int rowsOfPiece;
    private final List<ByteBuffer> pieces = new ArrayList<>();

    EmbeddingTable(StoredTensor tensor) {
        type = tensor.type();
        rows = tensor.shape().rows();
        columns = tensor.shape().columns();
        rowsOfPiece = (int) Math.max(1, PIECE_BYTES / ((long) columns * type.bytes()));
        for (int row = 0; row < rows; row += rowsOfPiece) {
            pieces.add(tensor.readRows(row, Math.min(rowsOfPiece, rows - row)));
        }
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Writes the rows of some tokens, one behind the other, each number times {@code factor}. */
    void gather(int[] ids, float factor, FloatBuffer target) {
        float[] row = new float[columns];
        for (int id : ids) {
            read(id, row);
            for (int i = 0; i < columns; i++) {
                row[i] *= factor;
            }
            target.put(row);
        }
    }

    /** Copies one row to the start of {@code target}. */
    void read(int row, float[] target) {
        if (row < 0 || row >= rows) {
            throw new IllegalArgumentException("row " + row + " of a table of " + rows + " was asked for");
        }
        int byteIndex = row % rowsOfPiece * columns * type.bytes();
        type.read(pieces.get(row / rowsOfPiece), byteIndex, target, columns);
    }
}
